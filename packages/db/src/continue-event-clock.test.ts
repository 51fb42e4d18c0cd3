import { sql } from "kysely";
import { expect, it } from "vitest";
import type { Database } from "./database.ts";
import { migrate } from "./migrate.ts";
import { createTestDatabase, waitForEvents } from "./testing/index.ts";

function id(number: number): string {
  return `01900000-0000-7000-8000-${String(number).padStart(12, "0")}`;
}

/** An event; with the transaction id of another cluster, as a dump restores it. */
async function insertEvent(db: Database, number: number, transactionId?: bigint): Promise<void> {
  const transaction = transactionId === undefined ? sql`default` : sql`${String(transactionId)}`;
  await sql`insert into events (id, transaction_id, type, subject, payload, occurred_at)
    values (${id(number)}, ${transaction}, 'user.registered', 'a user', '{}', '2026-01-01')`.execute(db);
}

async function listInOrder(db: Database): Promise<{ id: string; is_settled: boolean }[]> {
  const { rows } = await sql<{ id: string; is_settled: boolean }>`
    select id, transaction_id < event_transactions_end() as is_settled
    from events order by transaction_id, sequence`.execute(db);
  return rows;
}

async function readOffset(db: Database): Promise<string> {
  const { rows } = await sql<{ value: string }>`
    select transaction_offset::text as value from event_clock`.execute(db);
  return rows[0]?.value ?? "";
}

it("lets events go on after those of a dump that comes from a cluster far ahead, at the next start", async () => {
  await using database = await createTestDatabase();
  const { db } = database;
  await insertEvent(db, 1, 5_000_000_000n);
  await insertEvent(db, 2, 5_000_000_000n);
  await insertEvent(db, 3, 5_000_000_001n);
  await migrate(db);
  await insertEvent(db, 4);
  await insertEvent(db, 5);
  await waitForEvents(db);
  expect(await listInOrder(db)).toEqual(
    [1, 2, 3, 4, 5].map((number) => ({ id: id(number), is_settled: true })),
  );
});

it("goes by the positions of readers, too", async () => {
  await using database = await createTestDatabase();
  const { db } = database;
  await sql`insert into event_readers (name, transaction_id, sequence, updated_at)
    values ('reader', 7000000000, 1, '2026-01-01')`.execute(db);
  await migrate(db);
  await insertEvent(db, 1);
  const later = sql`select 1 from events where transaction_id > 7000000000`;
  expect((await later.execute(db)).rows).toHaveLength(1);
});

it("can be restored again and again", async () => {
  await using database = await createTestDatabase();
  const { db } = database;
  await insertEvent(db, 1, 5_000_000_000n);
  await migrate(db);
  await insertEvent(db, 2);
  await insertEvent(db, 3, 9_000_000_000n);
  await migrate(db);
  await insertEvent(db, 4);
  expect((await listInOrder(db)).map((event) => event.id)).toEqual([1, 2, 3, 4].map(id));
});

it("changes nothing where all events are the cluster's own", async () => {
  await using database = await createTestDatabase();
  const { db } = database;
  await migrate(db);
  await insertEvent(db, 1);
  await migrate(db);
  expect(await readOffset(db)).toBe("0");
  await insertEvent(db, 2, 5_000_000_000n);
  await migrate(db);
  const offset = await readOffset(db);
  await insertEvent(db, 3);
  await migrate(db);
  expect(await readOffset(db)).toBe(offset);
});
