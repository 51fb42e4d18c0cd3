import { type EventType, eventCatalogue } from "@obsqra/contract";
import type { Database, DatabaseTransaction } from "@obsqra/db";
import type { Event, EventPosition } from "./event.ts";
import {
  type EventRow,
  insertReader,
  isReaderBehind,
  listEventsAfter,
  listEventsSince,
  lockReader,
  updateReader,
} from "./events.queries.ts";

/** What following events uses. */
export interface EventReaderDependencies {
  readonly db: Database;
  readonly clock: () => Date;
}

/** A consumer of the events, which goes on after the last one that it has handled. */
export interface EventReader {
  /** Its position is kept under this name. */
  readonly name: string;
  /** Events at a time. @default 500 */
  readonly limit?: number;
  /**
   * Takes the next events, in order. What it writes in the transaction is committed together with the new position, so that
   * each event has its effect there once. What it does elsewhere may be done again after a crash: use the event's id to do it
   * once.
   */
  readonly handle: (trx: DatabaseTransaction, events: readonly Event[]) => Promise<void>;
}

/** Before all events. */
export const firstPosition: EventPosition = { transaction_id: "0", sequence: "0" };

/**
 * Hands a reader its next events. Several processes may call it at once; one of them reads, the others do nothing.
 *
 * @returns how many events it took; less than its limit when there are no more
 * @throws what the reader throws, and then its position is as before
 */
export async function readEvents(deps: EventReaderDependencies, reader: EventReader): Promise<number> {
  const { name, limit = 500, handle } = reader;
  // Most looks find nothing: they lock nothing, and write nothing.
  if (!(await isReaderBehind(deps.db, name))) return 0;
  await insertReader(deps.db, { name, position: firstPosition, now: deps.clock() });
  return deps.db.transaction().execute(async (trx) => {
    const after = await lockReader(trx, name);
    if (after === undefined) return 0;
    const events = (await listEventsAfter(trx, { after, limit })).map(toEvent);
    const last = events.at(-1);
    if (last === undefined) return 0;
    await handle(trx, events);
    await updateReader(trx, { name, position: last.position, now: deps.clock() });
    return events.length;
  });
}

/**
 * The events after a position, for who keeps the position elsewhere, such as a stream to a browser.
 *
 * @returns at most `limit` events, fewer when there are no more yet
 */
export async function getEventsAfter(
  { db }: Pick<EventReaderDependencies, "db">,
  after: EventPosition,
  limit: number,
): Promise<Event[]> {
  return (await listEventsAfter(db, { after, limit })).map(toEvent);
}

/**
 * The events of some types since a moment, of an owner and of everybody, by time, for who wants them once more.
 *
 * @returns at most `limit` events
 */
export async function getEventsSince(
  { db }: Pick<EventReaderDependencies, "db">,
  wanted: {
    readonly since: Date;
    readonly owner_id: string;
    readonly types: readonly EventType[];
    readonly limit: number;
  },
): Promise<Event[]> {
  return (await listEventsSince(db, wanted)).map(toEvent);
}

function toEvent(row: EventRow): Event {
  const event = toKnownEvent(row);
  if (event === undefined) throw new Error(`There is no type of event ${row.type}.`);
  return event;
}

/** @returns undefined for an event of a type that only a later version of the service knows */
export function toKnownEvent({ transaction_id, sequence, ...row }: EventRow): Event | undefined {
  // Only `writeTransaction` writes events, with a payload that its type's schema has parsed.
  const isKnown = eventCatalogue[row.type as EventType] !== undefined;
  return isKnown ? ({ ...row, position: { transaction_id, sequence } } as Event) : undefined;
}
