import type { Database } from "@obsqra/db";
import { AppError } from "../errors/app-error.ts";
import type { Event, EventPosition } from "../events/event.ts";
import { comparePositions } from "../events/event-position.ts";
import { toKnownEvent } from "../events/event-reader.ts";
import { findNewestPosition, getPositionState, listEventsAfter } from "../events/events.queries.ts";
import {
  createReading,
  eventsPerPage,
  positionOf,
  type ReadingDependencies,
  type ReadingOptions,
} from "./event-reading.ts";
import { createMember, type Follower, type Member } from "./follower.ts";

export interface EventFeedOptions extends ReadingOptions {
  /** How many events a follower may have waiting. @default 1_000 */
  readonly waitingMax?: number;
  /** How many events may have happened since one that somebody goes on after. @default 10_000 */
  readonly resumableMax?: number;
}

/** What somebody wants to follow. */
export interface FollowChoice {
  /** Goes on after this one. @default begins with what is written from now on */
  readonly after?: EventPosition | undefined;
  /** Whose events may be wanted, besides everybody's: others are then not even read to catch up. @default all */
  readonly owner_id?: string | undefined;
  readonly wants: (event: Event) => boolean;
}

/** Reads the events once for everybody in this process who follows them, and only while somebody does. */
export interface EventFeed {
  /** @throws AppError EVENT_ID_INVALID */
  follow(choice: FollowChoice): Promise<Follower>;
}

/**
 * One reader per process with a fan-out in memory: what a follower costs while nothing happens is its place in a set. Events come
 * in the order of their positions, and none before everything that could come before it has ended.
 *
 * Who goes on after an earlier event reads the database page by page until it has caught up with the feed, and joins it in the same
 * turn of the event loop, so that nothing falls between. What it knows already when it joins is told by the positions. Such pages are
 * read one at a time, whoever they are for, so that those who come back after much has happened leave room for everybody's calls.
 */
export function createEventFeed(deps: ReadingDependencies, options: EventFeedOptions = {}): EventFeed {
  const { waitingMax = 1_000, resumableMax = 10_000 } = options;
  /** Those who have caught up. */
  const joined = new Set<Member>();
  const reading = createReading(deps, options, (events, head) => {
    for (const member of joined) member.take(events, head);
  });

  const inTurn = createLine();

  return {
    follow: async ({ after, owner_id, wants }) => {
      if (after !== undefined) await inTurn(() => assertResumable(deps.db, after, resumableMax));
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
    const rows = await listEventsAfter(deps.db, { after: member.position, limit: eventsPerPage, owner_id });
    const isLast = rows.length < eventsPerPage;
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
