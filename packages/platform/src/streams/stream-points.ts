import type { Actor } from "../access/actor.ts";
import { AppError } from "../errors/app-error.ts";
import type { Event, EventPosition } from "../events/event.ts";
import { comparePositions } from "../events/event-position.ts";
import type { CallLimiter, LimitCounter } from "../limits/call-limiter.ts";
import { actorCounters } from "../limits/count-call.ts";

/** Counts the events that are sent, against the same limits as calls. */
export interface StreamPoints {
  /**
   * Notes a point for each event that none of the payer's streams has been sent yet: two tabs that follow the same cost as much as
   * one.
   *
   * @throws AppError RATE_LIMITED when the points noted before were more than there are
   */
  note(actor: Actor, events: readonly Event[]): void;
  /** Counts what has been noted. */
  count(): Promise<void>;
}

interface Payer {
  readonly counters: readonly LimitCounter[];
  /** How far its events are paid. */
  paid: EventPosition | undefined;
  points: number;
  refusal: AppError | undefined;
}

/** @param callLimiter undefined where calls are not counted */
export function createStreamPoints(callLimiter: CallLimiter | undefined): StreamPoints {
  const payers = new Map<string, Payer>();
  return {
    note: (actor, events) => {
      const last = events.at(-1);
      if (callLimiter === undefined || last === undefined) return;
      const key = actor.api_key_id ?? actor.owner_id;
      const payer = payers.get(key) ?? {
        counters: actorCounters(callLimiter.policies, actor),
        paid: undefined,
        points: 0,
        refusal: undefined,
      };
      payers.set(key, payer);
      const { paid, refusal } = payer;
      if (refusal !== undefined) throw refusal;
      payer.points += events.filter(
        ({ position }) => paid === undefined || comparePositions(position, paid) > 0,
      ).length;
      if (paid === undefined || comparePositions(last.position, paid) > 0) payer.paid = last.position;
    },
    count: async () => {
      if (callLimiter === undefined) return;
      // Nothing was sent for a whole round: what it has paid is forgotten, and so is that it was refused.
      for (const [key, { points }] of payers) if (points === 0) payers.delete(key);
      await Promise.all([...payers.values()].map((payer) => countPayer(callLimiter, payer)));
    },
  };
}

async function countPayer(callLimiter: CallLimiter, payer: Payer): Promise<void> {
  const { points } = payer;
  payer.points = 0;
  payer.refusal = undefined;
  for (const counter of payer.counters) {
    const { state, isExceeded } = await callLimiter.count(counter, points);
    if (!isExceeded) continue;
    payer.refusal = new AppError("RATE_LIMITED", {
      policy: state.policy,
      retry_after_seconds: state.reset_seconds,
    });
    return;
  }
}
