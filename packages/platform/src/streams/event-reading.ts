import { setTimeout } from "node:timers/promises";
import type { Database } from "@obsqra/db";
import type { Event, EventPosition } from "../events/event.ts";
import { firstPosition, toKnownEvent } from "../events/event-reader.ts";
import { findNewestPosition, listEventsAfter } from "../events/events.queries.ts";
import type { Logger } from "../logger.ts";

/** What reading for all followers of a process uses. */
export interface ReadingDependencies {
  readonly db: Database;
  readonly log: Pick<Logger, "error">;
}

/** How often it is looked for events. */
export interface ReadingOptions {
  /** From one look for new events to the next, while somebody follows. @default 50 */
  readonly pollMs?: number;
  /** Waits; rejects when the signal aborts. @default a timer */
  readonly pause?: (milliseconds: number, signal: AbortSignal) => Promise<unknown>;
}

/** How many events are read at once. */
export const eventsPerPage = 500;
/** A database that is away is asked again after this time, and the log told once. */
const failurePauseMs = 1_000;

/** The reading of a process. */
export interface Reading {
  /** Reads from now on, until everybody who began has called what it returns. */
  begin(): () => void;
  /** Waits until it is known where it begins. */
  ready(): Promise<void>;
  /** How far it has read, once that is known. */
  head(): EventPosition;
}

/** The loop that reads, with its only state: how far it is. */
export function createReading(
  { db, log }: ReadingDependencies,
  { pollMs = 50, pause = pauseByTimer }: ReadingOptions,
  deliver: (events: readonly Event[], head: EventPosition) => void,
): Reading {
  let readers = 0;
  let stop = new AbortController();
  /** Undefined while nobody follows. */
  let head: EventPosition | undefined;
  let beginning: Promise<void> | undefined;

  /** Finds where the feed begins, once for all who come at the same time. */
  function begin(): Promise<void> {
    beginning ??= findNewestPosition(db)
      .then((newest) => {
        head ??= newest ?? firstPosition;
      })
      .finally(() => {
        beginning = undefined;
      });
    return beginning;
  }

  async function read(signal: AbortSignal): Promise<void> {
    let isAway = false;
    while (!signal.aborted) {
      let pauseMs = pollMs;
      try {
        if (head === undefined) await begin();
        else if (await readPage(head, signal)) pauseMs = 0;
        isAway = false;
      } catch (err) {
        if (signal.aborted) return;
        if (!isAway) log.error({ err }, "The events cannot be read; whoever follows them has to wait.");
        isAway = true;
        pauseMs = failurePauseMs;
      }
      // The stop ends the pause, and then the loop.
      await pause(pauseMs, signal).catch(() => {});
    }
  }

  /** @returns whether there is more */
  async function readPage(after: EventPosition, signal: AbortSignal): Promise<boolean> {
    const rows = await listEventsAfter(db, { after, limit: eventsPerPage });
    const last = positionOf(rows.at(-1));
    if (signal.aborted || last === undefined) return false;
    head = last;
    deliver(
      rows.map(toKnownEvent).filter((event) => event !== undefined),
      last,
    );
    return rows.length === eventsPerPage;
  }

  return {
    begin: () => {
      readers += 1;
      if (readers === 1) {
        stop = new AbortController();
        head = undefined;
        void read(stop.signal);
      }
      let hasLeft = false;
      return () => {
        if (hasLeft) return;
        hasLeft = true;
        readers -= 1;
        if (readers === 0) stop.abort();
      };
    },
    ready: async () => {
      while (head === undefined) await begin();
    },
    head: () => head ?? firstPosition,
  };
}

/** Where an event stands. */
export function positionOf(row: EventPosition | undefined): EventPosition | undefined {
  return row && { transaction_id: row.transaction_id, sequence: row.sequence };
}

function pauseByTimer(milliseconds: number, signal: AbortSignal): Promise<unknown> {
  return setTimeout(milliseconds, undefined, { signal });
}
