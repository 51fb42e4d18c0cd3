import { AppError } from "../errors/app-error.ts";
import type { Event, EventPosition } from "../events/event.ts";
import { comparePositions } from "../events/event-position.ts";

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

/** A follower as the feed sees it. */
export interface Member extends Follower {
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
  readonly wants: (event: Event) => boolean;
  readonly waitingMax: number;
  readonly catchUp: (member: Member) => Promise<readonly Event[]>;
  readonly leave: () => void;
}

/** Somebody who follows, before and after it has caught up with the feed. */
export function createMember({ start, wants, waitingMax, catchUp, leave }: MemberOptions): Member {
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
