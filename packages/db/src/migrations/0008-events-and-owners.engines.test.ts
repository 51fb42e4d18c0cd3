import { createHash } from "node:crypto";
import { sql } from "kysely";
import { expect, it } from "vitest";
import type { Database } from "../database.ts";
import { migrate } from "../migrate.ts";
import { createTestDatabase } from "../testing/index.ts";
import { migrateAfresh } from "../testing/migrate-afresh.ts";

function id(number: number): string {
  return `01900000-0000-7000-8000-${String(number).padStart(12, "0")}`;
}

const at = "2026-01-01T00:00:00.000Z";

/** A database as the previous version left it: two users with a log, one of them with everything else that has an owner. */
async function downgrade(db: Database): Promise<void> {
  await migrateAfresh(db, "0007-paging-indexes");
  for (const user of [1, 2]) {
    await sql`insert into users (id, email, email_verified_at, full_name, wallet_address, preferences, created_at, updated_at)
      values (${id(user)}, ${`${user}@example.org`}, null, 'Ada', null, '{}', ${at}, ${at})`.execute(db);
  }
  for (const [number, user] of [1, 2, 1].entries()) await logTransaction(db, 10 + number, user, "user_id");
  await sql`insert into rebalance_suggestions (id, user_id, outcome, allocation_bp, answer, created_at)
    values (${id(20)}, ${id(1)}, 'rebalance', '{"vesu": 10000}', '{}', ${at})`.execute(db);
  await sql`insert into allocation_history (id, user_id, allocation_bp, reason, suggestion_id, created_at)
    values (${id(21)}, ${id(1)}, '{"vesu": 10000}', 'suggested', ${id(20)}, ${at})`.execute(db);
  await sql`insert into idempotency_keys (owner, key_hash, sealed, created_at, expires_at)
    values (${id(1)}, sha256('key'), 'sealed', ${at}, ${at})`.execute(db);
}

async function logTransaction(db: Database, number: number, user: number, owner: string): Promise<void> {
  await sql`insert into transactions (id, ${sql.ref(owner)}, tx_hash, tx_type, amount, details, created_at)
    values (${id(number)}, ${id(user)}, ${`0x${"0".repeat(62)}${number}`}, 'deposit', '1.50', '{}', ${at})`.execute(
    db,
  );
  await changeStatus(db, number, "pending");
}

async function changeStatus(db: Database, number: number, status: "pending" | "confirmed"): Promise<void> {
  const statusId = id(number + (status === "pending" ? 100 : 200));
  await sql`insert into transaction_statuses (id, transaction_id, status, observed_at)
    values (${statusId}, ${id(number)}, ${status}, ${at})`.execute(db);
}

/** A user's chain in its order, followed here; fails where it does not hold. */
async function followChain(db: Database, user: number): Promise<{ entry: string; hash: string }[]> {
  const entries = await db
    .selectFrom("transaction_statuses")
    .select(["id", "position", "content_hash", "previous_hash", "hash"])
    .where("owner_id", "=", id(user))
    .orderBy("position")
    .execute();
  let previous: Uint8Array = new Uint8Array(32);
  for (const [index, { position, content_hash, previous_hash, hash }] of entries.entries()) {
    expect(Number(position)).toBe(index + 1);
    expect(Buffer.from(previous_hash)).toEqual(Buffer.from(previous));
    expect(Buffer.from(hash)).toEqual(createHash("sha256").update(previous).update(content_hash).digest());
    previous = hash;
  }
  return entries.map((entry) => ({ entry: entry.id, hash: Buffer.from(entry.hash).toString("hex") }));
}

it("keeps the owner of everything", async () => {
  await using database = await createTestDatabase();
  const { db } = database;
  await downgrade(db);
  expect(await migrate(db)).toContain("0008-events-and-owners");
  const owned = ["transactions", "allocation_history", "rebalance_suggestions"] as const;
  const found = [];
  for (const table of owned) {
    found.push(await db.selectFrom(table).select(["id", "owner_id"]).orderBy("id").execute());
  }
  expect(found).toEqual([
    [
      { id: id(10), owner_id: id(1) },
      { id: id(11), owner_id: id(2) },
      { id: id(12), owner_id: id(1) },
    ],
    [{ id: id(21), owner_id: id(1) }],
    [{ id: id(20), owner_id: id(1) }],
  ]);
  const keys = db.selectFrom("idempotency_keys").select("owner_id");
  expect(await keys.execute()).toEqual([{ owner_id: id(1) }]);
});

it("leaves each log's chain as it was, and logging goes on where it ended", async () => {
  await using database = await createTestDatabase();
  const { db } = database;
  await downgrade(db);
  const before = await sql<{ entry: string; hash: string }>`
    select id as entry, encode(hash, 'hex') as hash from transaction_statuses where user_id = ${id(1)}
    order by position`.execute(db);
  await migrate(db);
  expect(await followChain(db, 1)).toEqual(before.rows);
  await logTransaction(db, 13, 1, "owner_id");
  await changeStatus(db, 10, "confirmed");
  const after = await followChain(db, 1);
  expect(after.slice(0, 2)).toEqual(before.rows);
  expect(after.map(({ entry }) => entry)).toEqual([id(110), id(112), id(113), id(210)]);
  expect((await followChain(db, 2)).map(({ entry }) => entry)).toEqual([id(111)]);
});

it("still refuses to change what is logged", async () => {
  await using database = await createTestDatabase();
  const { db } = database;
  await downgrade(db);
  await migrate(db);
  for (const statement of [
    "update transactions set amount = 2",
    "delete from transactions",
    "update transaction_statuses set status = 'failed'",
    "delete from transaction_statuses",
    "update allocation_history set reason = 'another'",
    "delete from allocation_history",
  ]) {
    await expect(sql.raw(statement).execute(db), statement).rejects.toMatchObject({ code: "23001" });
  }
});
