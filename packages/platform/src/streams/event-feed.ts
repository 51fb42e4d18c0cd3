import { setTimeout } from "node:timers/promises";
import type { Database } from "@obsqra/db";
import { AppError } from "../errors/app-error.ts";
import type { Event, EventPosition } from "../events/event.ts";
import { comparePositions } from "../events/event-position.ts";
import { firstPosition, toKnownEvent } from "../events/event-reader.ts";
import { findNewestPosition, getPositionState, listEventsAfter } from "../events/events.queries.ts";
import type { Logger } from "../logger.ts";

/** What reading for all followers of a process uses. */
export interface EventFeedDependencies {
  readonly db: Database;
  readonly log: Pick<Logger, "error">;
}

export interface EventFeedOptions {
  /** From one look for new events to the next, while somebody follows. @default 50 */
  readonly pollMs?: number;
  /** How many events a follower may have waiting. @default 1_000 */
  readonly waitingMax?: number;
  /** How many events may have happened since one that somebody goes on after. @default 10_000 */
  readonly resumableMax?: number;
  /** Waits; rejects when the signal aborts. @default a timer */
  readonly pause?: (milliseconds: number, signal: AbortSignal) => Promise<unknown>;
}

/** What somebody wants to follow. */
export interface FollowChoice {
  /** Goes on after this one. @default begins with what is written from now on */
  readonly after?: EventPosition | undefined;
  /** Whose events may be wanted, besides everybody's: others are then not even read to catch up. @default all */
  readonly owner_id?: string | undefined;
  readonly wants: (event: Event) => boolean;
}

/** The next events for a follower, and how far it has come with them; none where it was only to be told the latter. */
export interface EventBatch {
  readonly events: readonly Event[];
  readonly position: EventPosition;
}

/** Somebody who follows. */
export interface Follower {
  /** Where it stands before the first batch. */
  readonly start: EventPosition;
  /**
   * Waits for the next events. Ask for them again when these are done with.
   *
   * @returns undefined when it was ended
   * @throws what it was ended with; AppError STREAM_TOO_SLOW when too many events wait
   */
  next(): Promise<EventBatch | undefined>;
  /** Lets a `next` that waits for events return without any. */
  wake(): void;
  /** Ends it once the events that wait have been asked for. */
  end(error?: AppError): void;
  /** Lets it go at once, whatever waits. */
  close(): void;
}

/** Reads the events once for everybody in this process who follows them, and only while somebody does. */
export interface EventFeed {
  /** @throws AppError EVENT_ID_INVALID */
  follow(choice: FollowChoice): Promise<Follower>;
}

const pageSize = 500;
/** A database that is away is asked again after this time, and the log told once. */
const failurePauseMs = 1_000;

/**
 * One reader per process with a fan-out in memory: what a follower costs while nothing happens is its place in a set. Events come
 * in the order of their positions, and none before everything that could come before it has ended.
 *
 * Who goes on after an earlier event reads the database page by page until it has caught up with the feed, and joins it in the same
 * turn of the event loop, so that nothing falls between. What it knows already when it joins is told by the positions. Such pages are
 * read one at a time, whoever they are for, so that those who come back after much has happened leave room for everybody's calls.
 */
export function createEventFeed(deps: EventFeedDependencies, options: EventFeedOptions = {}): EventFeed {
  const { waitingMax = 1_000, resumableMax = 10_000 } = options;
  /** Those who have caught up. */
  const joined = new Set<Member>();
  const reading = createReading(deps, options, (events, head) => {
    for (const member of joined) member.take(events, head);
  });

  const inTurn = createLine();

  return {
    follow: async ({ after, owner_id, wants }) => {
      if (after !== undefined) await assertResumable(deps.db, after, resumableMax);
      const leaveReading = reading.begin();
      function leave(): void {
        joined.delete(member);
        leaveReading();
      }
      try {
        await reading.ready();
      } catch (error) {
        leaveReading();
        throw error;
      }
      const start = after ?? reading.head();
      const member: Member = createMember({
        start,
        wants,
        waitingMax,
        catchUp: (behind) => inTurn(() => catchUp(behind, owner_id)),
        leave,
      });
      // In the turn in which it has learnt where the feed is.
      if (after === undefined) join(member);
      return member;
    },
  };

  function join(member: Member): void {
    member.hasJoined = true;
    joined.add(member);
  }

  /** Reads a page for a member who is behind, and lets it join once there is no more. */
  async function catchUp(member: Member, owner_id: string | undefined): Promise<readonly Event[]> {
    if (!member.isOpen()) return [];
    // Before the page: what is settled by then is in it, or nobody's who reads it.
    const newest = await findNewestPosition(deps.db);
    const rows = await listEventsAfter(deps.db, { after: member.position, limit: pageSize, owner_id });
    const isLast = rows.length < pageSize;
    member.position = latest(member.position, positionOf(rows.at(-1)), isLast ? newest : undefined);
    // Nothing may come between this look at the feed and joining it.
    const isBehind = comparePositions(reading.head(), member.position) > 0;
    if (isLast && !isBehind) join(member);
    return rows.map(toKnownEvent).filter((event) => event !== undefined);
  }
}

/** Lets one thing be done after the other, in the order in which they come; one that fails holds up none. */
function createLine(): <TResult>(work: () => Promise<TResult>) => Promise<TResult> {
  let last: Promise<unknown> = Promise.resolve();
  return (work) => {
    const result = last.then(work);
    last = result.catch(() => {});
    return result;
  };
}

function latest(first: EventPosition, ...others: readonly (EventPosition | undefined)[]): EventPosition {
  return others.reduce<EventPosition>(
    (most, other) => (other !== undefined && comparePositions(other, most) > 0 ? other : most),
    first,
  );
}

async function assertResumable(db: Database, position: EventPosition, max: number): Promise<void> {
  const { is_reached, later } = await getPositionState(db, { position, max: max + 1 });
  if (!is_reached || later > max) throw new AppError("EVENT_ID_INVALID", undefined);
}

interface Reading {
  /** Reads from now on, until everybody who began has called what it returns. */
  begin(): () => void;
  /** Waits until it is known where it begins. */
  ready(): Promise<void>;
  /** How far it has read, once that is known. */
  head(): EventPosition;
}

/** The loop that reads, with its only state: how far it is. */
function createReading(
  { db, log }: EventFeedDependencies,
  { pollMs = 50, pause = pauseByTimer }: EventFeedOptions,
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
    const rows = await listEventsAfter(db, { after, limit: pageSize });
    const last = positionOf(rows.at(-1));
    if (signal.aborted || last === undefined) return false;
    head = last;
    deliver(
      rows.map(toKnownEvent).filter((event) => event !== undefined),
      last,
    );
    return rows.length === pageSize;
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

function positionOf(row: EventPosition | undefined): EventPosition | undefined {
  return row && { transaction_id: row.transaction_id, sequence: row.sequence };
}

/** A follower as the feed sees it. */
interface Member extends Follower {
  /** How far it has come: all that it wants up to here has been given to it, or waits. */
  position: EventPosition;
  /** Whether it has caught up, and gets everything from the feed. */
  hasJoined: boolean;
  /** Whether it still wants more: nobody has ended it, and it has not gone. */
  isOpen(): boolean;
  take(events: readonly Event[], head: EventPosition): void;
}

interface MemberOptions {
  readonly start: EventPosition;
  readonly wants: FollowChoice["wants"];
  readonly waitingMax: number;
  readonly catchUp: (member: Member) => Promise<readonly Event[]>;
  readonly leave: () => void;
}

function createMember({ start, wants, waitingMax, catchUp, leave }: MemberOptions): Member {
  let waiting: Event[] = [];
  let state: "open" | "ending" | "closed" = "open";
  let error: AppError | undefined;
  let notify: (() => void) | undefined;

  const member: Member = {
    start,
    position: start,
    hasJoined: false,
    isOpen: () => state === "open",
    take: (events, head) => {
      if (state !== "open" || comparePositions(head, member.position) <= 0) return;
      // Catching up may have read further than the feed had.
      const isAhead = events[0] !== undefined && comparePositions(events[0].position, member.position) <= 0;
      for (const event of events) {
        if (!wants(event) || (isAhead && comparePositions(event.position, member.position) <= 0)) continue;
        waiting.push(event);
      }
      member.position = head;
      if (waiting.length > waitingMax) {
        waiting = [];
        member.end(new AppError("STREAM_TOO_SLOW", undefined));
      }
      if (waiting.length > 0) member.wake();
    },
    next: async () => {
      while (!member.hasJoined && state === "open") {
        const events = (await catchUp(member)).filter(wants);
        // What came from the feed meanwhile waits behind it, so that the position is not yet that of the member.
        if (events.length > 0) return { events, position: events.at(-1)?.position ?? member.position };
      }
      if (waiting.length === 0 && state === "open") {
        await new Promise<void>((resolve) => {
          notify = resolve;
        });
      }
      if (waiting.length > 0 || state === "open") {
        const events = waiting;
        waiting = [];
        return { events, position: member.position };
      }
      if (state === "ending" && error !== undefined) throw error;
      return undefined;
    },
    wake: () => {
      notify?.();
      notify = undefined;
    },
    end: (reason) => {
      if (state !== "open") return;
      state = "ending";
      error = reason;
      leave();
      member.wake();
    },
    close: () => {
      state = "closed";
      waiting = [];
      leave();
      member.wake();
    },
  };
  return member;
}

function pauseByTimer(milliseconds: number, signal: AbortSignal): Promise<unknown> {
  return setTimeout(milliseconds, undefined, { signal });
}
