import {
  type Database,
  type DatabaseTransaction,
  defineStatement,
  type NewRow,
  type Placeholders,
  type SqlValue,
  type Tables,
} from "@obsqra/db";
import { type RawBuilder, sql } from "kysely";
import type { EventPosition } from "./event.ts";

export type NewEventRow = Omit<NewRow<Tables["events"]>, "payload"> & { readonly payload: object };

/** An event as it is stored. */
export interface EventRow extends EventPosition {
  readonly id: string;
  readonly type: string;
  readonly subject: string;
  readonly owner_id: string | null;
  readonly payload: unknown;
  readonly occurred_at: Date;
}

/**
 * Inserts events as a part of a statement, in their order.
 *
 * @param rows as `eventsParameter` makes them
 */
export function insertingEvents(rows: SqlValue<string>): RawBuilder<unknown> {
  return sql`insert into events (id, type, subject, owner_id, payload, occurred_at)
    select id, type, subject, owner_id, payload, occurred_at
    from rows from (json_to_recordset(${rows}::json) as (
      id uuid, type text, subject text, owner_id uuid, payload jsonb, occurred_at timestamptz)) with ordinality
    order by ordinality`;
}

/** Rows of events as the one parameter that a statement takes. */
export function eventsParameter(rows: readonly NewEventRow[]): string {
  return JSON.stringify(rows);
}

export async function insertEvents(trx: DatabaseTransaction, rows: readonly NewEventRow[]): Promise<void> {
  await newEvents.all(trx, { events: eventsParameter(rows) });
}

/** The same as the last statement of the transaction. */
export async function insertLastEvents(
  trx: DatabaseTransaction,
  rows: readonly NewEventRow[],
): Promise<void> {
  await newEvents.last(trx, { events: eventsParameter(rows) });
}

const newEvents = defineStatement((_db, { events }: Placeholders<{ events: string }>) =>
  insertingEvents(events),
);

/**
 * The next events after a position, of those whose place is settled: every transaction that could still put an event before
 * them has ended.
 *
 * @param page with an `owner_id`, only that owner's and everybody's
 */
export async function listEventsAfter(
  db: Database,
  page: { readonly after: EventPosition; readonly limit: number; readonly owner_id?: string | undefined },
): Promise<EventRow[]> {
  const shown =
    page.owner_id === undefined ? sql`` : sql`and (owner_id is null or owner_id = ${page.owner_id}::uuid)`;
  const { rows } = await sql<EventRow>`
    select id, transaction_id::text as transaction_id, sequence::text as sequence, type, subject, owner_id, payload,
      occurred_at
    from events
    where (transaction_id, sequence) > (${page.after.transaction_id}::bigint, ${page.after.sequence}::bigint)
      and transaction_id < event_transactions_end() ${shown}
    order by events.transaction_id, events.sequence
    limit ${page.limit}`.execute(db);
  return rows;
}

/** Settled events since a moment. Their ids begin with their time, so that those before are not read. */
export async function listEventsSince(
  db: Database,
  wanted: {
    readonly since: Date;
    readonly owner_id: string;
    readonly types: readonly string[];
    readonly limit: number;
  },
): Promise<EventRow[]> {
  const time = Math.max(0, wanted.since.getTime()).toString(16).padStart(12, "0");
  const firstId = `${time.slice(0, 8)}-${time.slice(8)}-0000-0000-000000000000`;
  const { rows } = await sql<EventRow>`
    select id, transaction_id::text as transaction_id, sequence::text as sequence, type, subject, owner_id, payload,
      occurred_at
    from events
    where id >= ${firstId}::uuid and occurred_at >= ${wanted.since}
      and (owner_id is null or owner_id = ${wanted.owner_id}::uuid) and type = any(${[...wanted.types]}::text[])
      and transaction_id < event_transactions_end()
    order by events.occurred_at, events.transaction_id, events.sequence
    limit ${wanted.limit}`.execute(db);
  return rows;
}

/** Whether there may be settled events after where a reader is. */
export async function isReaderBehind(db: Database, name: string): Promise<boolean> {
  const { rows } = await sql<{ is_behind: boolean }>`
    select exists (
      select from events
      where (transaction_id, sequence) > (
          coalesce((select transaction_id from event_readers where name = ${name}), 0),
          coalesce((select sequence from event_readers where name = ${name}), 0))
        and transaction_id < event_transactions_end()) as is_behind`.execute(db);
  return rows[0]?.is_behind !== false;
}

/** Makes a reader known; one that is keeps its position. */
export async function insertReader(
  db: Database,
  reader: { readonly name: string; readonly position: EventPosition; readonly now: Date },
): Promise<void> {
  const { name, position, now } = reader;
  await sql`
    insert into event_readers (name, transaction_id, sequence, updated_at)
    values (${name}, ${position.transaction_id}::bigint, ${position.sequence}::bigint, ${now})
    on conflict do nothing`.execute(db);
}

/** @returns how far a reader has come; undefined when it is not known, or another process is reading in its name */
export async function lockReader(trx: DatabaseTransaction, name: string): Promise<EventPosition | undefined> {
  const { rows } = await sql<EventPosition>`
    select transaction_id::text as transaction_id, sequence::text as sequence
    from event_readers where name = ${name} for update skip locked`.execute(trx);
  return rows[0];
}

export async function updateReader(
  trx: DatabaseTransaction,
  reader: { readonly name: string; readonly position: EventPosition; readonly now: Date },
): Promise<void> {
  const { name, position, now } = reader;
  await sql`
    update event_readers set transaction_id = ${position.transaction_id}::bigint,
      sequence = ${position.sequence}::bigint, updated_at = ${now}
    where name = ${name}`.execute(trx);
}

/** The newest event whose place is settled; undefined when there is none. */
export async function findNewestPosition(db: Database): Promise<EventPosition | undefined> {
  const { rows } = await sql<EventPosition>`
    select transaction_id::text as transaction_id, sequence::text as sequence
    from events where transaction_id < event_transactions_end()
    order by events.transaction_id desc, events.sequence desc limit 1`.execute(db);
  return rows[0];
}

/** When the first event happened whose place is not settled yet; undefined when all are. */
export async function findOldestUnsettled(db: Database): Promise<Date | undefined> {
  const { rows } = await sql<{ occurred_at: Date }>`
    select occurred_at from events where transaction_id >= event_transactions_end()
    order by events.transaction_id, events.sequence limit 1`.execute(db);
  return rows[0]?.occurred_at;
}

/** What is after a position that somebody has kept. */
export interface PositionState {
  /** False for one that no event can have had yet. */
  readonly is_reached: boolean;
  /** How many settled events come after it, counted up to a maximum. */
  readonly later: number;
}

export async function getPositionState(
  db: Database,
  { position, max }: { readonly position: EventPosition; readonly max: number },
): Promise<PositionState> {
  const { rows } = await sql<PositionState>`
    select ${position.transaction_id}::bigint < event_transactions_end() as is_reached,
      (select count(*)::int from (
        select from events
        where (transaction_id, sequence) > (${position.transaction_id}::bigint, ${position.sequence}::bigint)
          and transaction_id < event_transactions_end()
        limit ${max}) as later_events) as later`.execute(db);
  const [state] = rows;
  if (state === undefined) throw new Error("A select without a from has one row.");
  return state;
}
