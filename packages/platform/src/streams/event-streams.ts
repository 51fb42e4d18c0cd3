import type { Database } from "@obsqra/db";
import { listLiveAccess, type Membership, membershipKey } from "../access/access.queries.ts";
import { type AccessTokenSettings, goodUntil } from "../access/access-token.ts";
import type { Actor } from "../access/actor.ts";
import type { RequestFacts } from "../call/request-facts.ts";
import { AppError } from "../errors/app-error.ts";
import type { Event } from "../events/event.ts";
import type { CallLimiter } from "../limits/call-limiter.ts";
import type { Logger } from "../logger.ts";
import { createEventFeed, type EventFeedOptions, type FollowChoice } from "./event-feed.ts";
import type { EventBatch, Follower } from "./follower.ts";
import { createStreamPoints } from "./stream-points.ts";
import { createStreamSlots, defaultStreamLimits, type StreamLimits } from "./stream-slots.ts";

/** What streams of events use. */
export interface EventStreamDependencies {
  readonly db: Database;
  readonly clock: () => Date;
  readonly log: Logger;
  readonly accessTokens: AccessTokenSettings;
  /** Undefined where calls are not counted. */
  readonly callLimiter: CallLimiter | undefined;
}

export interface EventStreamOptions extends EventFeedOptions {
  /** @default defaultStreamLimits */
  readonly limits?: StreamLimits;
  /** How long a stream may be silent. @default 15_000 */
  readonly heartbeatMs?: number;
  /** How often the streams are gone through. @default 1_000 */
  readonly roundMs?: number;
  /** How often sessions and keys are asked for. @default 10_000 */
  readonly accessCheckMs?: number;
  /** Milliseconds, of any beginning. @default performance.now */
  readonly now?: () => number;
}

/** Whose stream it is, and what is to be followed. */
interface EventStreamChoice extends FollowChoice {
  readonly actor: Actor;
  readonly request: RequestFacts;
}

/** A stream that is read. */
interface EventStream extends Pick<Follower, "start" | "next" | "close"> {}

/** The streams of a process. */
export interface EventStreams {
  /** @throws AppError EVENT_ID_INVALID, TOO_MANY_STREAMS, SERVER_OVERLOADED */
  open(choice: EventStreamChoice): Promise<EventStream>;
  /** Ends all streams, and every one that is opened afterwards, so that their readers go on elsewhere. */
  close(): void;
}

/** Even where a token lives longer, or there is none, as with an API key. */
const streamMsMax = 60 * 60_000;

interface OpenStream {
  readonly follower: Follower;
  readonly actor: Actor;
  readonly endsAt: Date;
  lastBatchAt: number;
}

/**
 * Opens streams of events within limits, and ends them: when their token expires, when their session or key no longer lets in, when
 * their points are used up, and when the process stops.
 */
export function createEventStreams(
  deps: EventStreamDependencies,
  options: EventStreamOptions = {},
): EventStreams {
  const { limits = defaultStreamLimits, heartbeatMs = 15_000, roundMs = 1_000 } = options;
  const { accessCheckMs = 10_000, now = () => performance.now() } = options;
  const feed = createEventFeed(deps, options);
  const slots = createStreamSlots(limits);
  const points = createStreamPoints(deps.callLimiter);
  const streams = new Set<OpenStream>();
  let rounds: NodeJS.Timeout | undefined;
  let checkedAt = now();
  let isGoing = false;
  let isClosed = false;

  return {
    open: async ({ actor, request, after, wants }) => {
      const giveBack = slots.take({ owner_id: actor.owner_id, ip: request.ip });
      try {
        const follower = await feed.follow({
          after,
          owner_id: actor.owner_id,
          wants: (event) => wants(event) || endingOf(event, actor) !== undefined,
        });
        const stream: OpenStream = { follower, actor, endsAt: endOf(deps, request), lastBatchAt: now() };
        streams.add(stream);
        rounds ??= setInterval(() => void goRound(), roundMs);
        const close = () => {
          follower.close();
          streams.delete(stream);
          giveBack();
          if (streams.size > 0) return;
          clearInterval(rounds);
          rounds = undefined;
        };
        if (isClosed) follower.end();
        return { start: follower.start, next: () => nextBatch(stream, wants), close };
      } catch (error) {
        giveBack();
        throw error;
      }
    },
    close: () => {
      isClosed = true;
      for (const { follower } of streams) follower.end();
    },
  };

  async function nextBatch(
    stream: OpenStream,
    wants: FollowChoice["wants"],
  ): Promise<EventBatch | undefined> {
    const { follower, actor } = stream;
    const batch = await follower.next();
    stream.lastBatchAt = now();
    if (batch === undefined) return undefined;
    const events = batch.events.filter(wants);
    points.note(actor, events);
    // Its session or membership has ended: what came before is still told.
    const ending = batch.events.map((event) => endingOf(event, actor)).find((each) => each !== undefined);
    if (ending !== undefined) follower.end(ending.error);
    return { ...batch, events };
  }

  /** One at a time, however long the database takes. */
  async function goRound(): Promise<void> {
    if (isGoing) return;
    isGoing = true;
    try {
      endAndWake();
      await points.count();
      if (now() - checkedAt >= accessCheckMs) await checkAccess();
    } catch (err) {
      deps.log.error({ err }, "Whose streams may go on could not be checked.");
    } finally {
      isGoing = false;
    }
  }

  function endAndWake(): void {
    const time = deps.clock();
    for (const { follower, endsAt, lastBatchAt } of streams) {
      if (time >= endsAt) follower.end();
      else if (now() - lastBatchAt >= heartbeatMs) follower.wake();
    }
  }

  async function checkAccess(): Promise<void> {
    checkedAt = now();
    const asked = [...streams];
    const actors = asked.map(({ actor }) => actor);
    const live = new Set(
      await listLiveAccess(deps.db, {
        session_ids: unique(actors.map(({ session_id }) => session_id)),
        api_key_ids: unique(actors.map(({ api_key_id }) => api_key_id)),
        memberships: actors.map(membershipOf).filter((each) => each !== undefined),
        now: deps.clock(),
      }),
    );
    for (const { follower, actor } of asked) {
      const membership = membershipOf(actor);
      if (live.has(actor.session_id ?? actor.api_key_id ?? "")) {
        // Whether there is a membership with another role is seen when the stream is opened again.
        if (membership !== undefined && !live.has(membershipKey(membership))) follower.end();
        continue;
      }
      const code = actor.api_key_id === undefined ? "TOKEN_INVALID" : "API_KEY_INVALID";
      follower.end(new AppError(code, undefined));
    }
  }
}

/** How an event ends the stream of an actor: without an error for whoever has another role, and opens another stream. */
function endingOf(
  { type, subject, owner_id }: Event,
  { session_id, role, owner_id: listener, user_id }: Actor,
): { readonly error: AppError | undefined } | undefined {
  if (type === "session.ended" && subject === session_id) {
    return { error: new AppError("TOKEN_INVALID", undefined) };
  }
  if (role === undefined || owner_id !== listener || subject !== user_id) return undefined;
  if (type === "member.role_changed") return { error: undefined };
  return type === "member.removed" ? { error: new AppError("ORGANISATION_NOT_FOUND", undefined) } : undefined;
}

function membershipOf({ owner_id: organisation_id, user_id, role }: Actor): Membership | undefined {
  return role === undefined ? undefined : { organisation_id, user_id, role };
}

function endOf({ accessTokens, clock }: EventStreamDependencies, { access_token }: RequestFacts): Date {
  const latest = clock().getTime() + streamMsMax;
  const expiry = access_token === undefined ? undefined : goodUntil(accessTokens, access_token);
  return new Date(Math.min(latest, expiry?.getTime() ?? latest));
}

function unique(ids: readonly (string | undefined)[]): string[] {
  return [...new Set(ids.filter((id) => id !== undefined))];
}
