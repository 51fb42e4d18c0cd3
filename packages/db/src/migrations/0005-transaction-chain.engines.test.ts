import { createHash } from "node:crypto";
import { type Kysely, sql } from "kysely";
import { expect, it } from "vitest";
import type { Database } from "../database.ts";
import { migrate } from "../migrate.ts";
import { createTestDatabase } from "../testing/index.ts";
import { migrateAfresh } from "../testing/migrate-afresh.ts";
import { up as transactionChain } from "./0005-transaction-chain.ts";

function id(number: number): string {
  return `01900000-0000-7000-8000-${String(number).padStart(12, "0")}`;
}

function hashOf(number: number): string {
  return `0x${number.toString(16).padStart(64, "0")}`;
}

const at = "2026-01-01T00:00:00.000Z";

/** A database as the previous version left it: two users who have logged in turns. */
async function downgrade(db: Database): Promise<void> {
  await migrateAfresh(db, "0004-idempotency-and-limits");
  for (const user of [2, 1]) {
    await sql`insert into users (id, email, email_verified_at, full_name, wallet_address, preferences, created_at, updated_at)
      values (${id(user)}, ${`${user}@example.org`}, null, 'Ada', null, '{}', ${at}, ${at})`.execute(db);
  }
  for (const [number, user] of [1, 2, 1, 2, 1].entries()) await logTransaction(db, 10 + number, user);
}

/** As an older server does: with the columns that it knows. */
async function logTransaction(db: Database, number: number, user: number): Promise<void> {
  await db.transaction().execute(async (trx) => {
    await sql`insert into transactions (id, user_id, tx_hash, tx_type, amount, details, suggestion_id, created_at)
      values (${id(number)}, ${id(user)}, ${hashOf(number)}, 'deposit', '1.50', '{"b": 1e21, "a": [null, "é"]}', null, ${at})`.execute(
      trx,
    );
    await sql`insert into transaction_statuses (id, transaction_id, status, observed_at)
      values (${id(100 + number)}, ${id(number)}, 'pending', ${at})`.execute(trx);
  });
}

/** What is hashed of such a transaction, as canonical JSON. */
function contentOf(number: number): string {
  return `{"amount":"1.50","created_at":"${at}","details":{"a":[null,"é"],"b":1e+21},"observed_at":"${at}","status":"pending","suggestion_id":null,"transaction_id":"${id(number)}","tx_hash":"${hashOf(number)}","tx_type":"deposit"}`;
}

/** A user's chain over these transactions, computed here. */
function chainOf(numbers: readonly number[]) {
  let previous: Buffer = Buffer.alloc(32);
  return numbers.map((number, index) => {
    const content = createHash("sha256").update(contentOf(number)).digest();
    const hash = createHash("sha256").update(previous).update(content).digest();
    const entry = { transaction_id: id(number), position: index + 1, hash: hash.toString("hex") };
    previous = hash;
    return entry;
  });
}

async function readChain(db: Database, user: number, column = "owner_id") {
  const { rows } = await sql`select transaction_id, position::int, encode(hash, 'hex') as hash
    from transaction_statuses where ${sql.ref(column)} = ${id(user)} order by position`.execute(db);
  return rows;
}

it("chains what was logged before, in its order, per user", async () => {
  await using database = await createTestDatabase();
  const { db } = database;
  await downgrade(db);
  expect(await migrate(db)).toContain("0005-transaction-chain");
  expect(await readChain(db, 1)).toEqual(chainOf([10, 12, 14]));
  expect(await readChain(db, 2)).toEqual(chainOf([11, 13]));
});

it("chains what a server of the previous version goes on logging", async () => {
  await using database = await createTestDatabase();
  const { db } = database;
  await downgrade(db);
  // Only this migration: 0008 renames a column that an older server writes to. A migration does not know the tables.
  await transactionChain(db as Kysely<unknown>);
  await logTransaction(db, 15, 1);
  expect(await readChain(db, 1, "user_id")).toEqual(chainOf([10, 12, 14, 15]));
});

it("keeps every rule for what was logged before", async () => {
  await using database = await createTestDatabase();
  const { db } = database;
  await downgrade(db);
  await migrate(db);
  for (const statement of [
    "update transaction_statuses set status = 'failed'",
    "update transaction_statuses set position = position + 10",
    "delete from transaction_statuses",
    "truncate transaction_statuses",
  ]) {
    await expect(sql.raw(statement).execute(db), statement).rejects.toMatchObject({ code: "23001" });
  }
});

it("migrates a database in which nothing was logged", async () => {
  await using database = await createTestDatabase();
  const { db } = database;
  await downgrade(db);
  await sql`delete from users`.execute(db);
  expect(await migrate(db)).toContain("0005-transaction-chain");
});
