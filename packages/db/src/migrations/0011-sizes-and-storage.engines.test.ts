import { sql } from "kysely";
import { expect, it } from "vitest";
import type { Database } from "../database.ts";
import { migrate } from "../migrate.ts";
import { createTestDatabase } from "../testing/index.ts";
import { migrateAfresh } from "../testing/migrate-afresh.ts";

const at = "2026-01-01T00:00:00.000Z";

function id(number: number): string {
  return `01900000-0000-7000-8000-${String(number).padStart(12, "0")}`;
}

async function signUp(db: Database, user: number): Promise<void> {
  await sql`insert into users (id, email, email_verified_at, full_name, wallet_address, preferences, created_at, updated_at)
    values (${id(user)}, ${`${user}@example.org`}, null, 'Ada', null, '{}', ${at}, ${at})`.execute(db);
}

async function log(db: Database, number: number, user: number): Promise<void> {
  await sql`insert into transactions (id, owner_id, tx_hash, tx_type, amount, details, created_at)
    values (${id(number)}, ${id(user)}, ${`0x${"0".repeat(62)}${number}`}, 'deposit', '1.50', '{"a": 1}', ${at})`.execute(
    db,
  );
}

async function suggest(db: Database, number: number, user: number): Promise<void> {
  await sql`insert into rebalance_suggestions (id, owner_id, outcome, allocation_bp, answer, created_at)
    values (${id(number)}, ${id(user)}, 'hold', '{}', '{"a": [1, 2]}', ${at})`.execute(db);
}

async function readUse(db: Database) {
  const { rows } = await sql<{ user: string; records: number; bytes: number }>`
    select right(owner_id::text, 1) as user, records::integer, bytes::integer from storage_use order by 1`.execute(
    db,
  );
  return rows;
}

it("counts what was stored before, and from then on each row that comes or goes", async () => {
  await using database = await createTestDatabase();
  const { db } = database;
  await migrateAfresh(db, "0010-retention");
  for (const user of [1, 2, 3]) await signUp(db, user);
  await log(db, 10, 1);
  await log(db, 11, 1);
  await suggest(db, 20, 1);
  await suggest(db, 21, 2);
  expect(await migrate(db)).toContain("0011-sizes-and-storage");
  const before = [
    { user: "1", records: 3, bytes: 3 * 700 + 8 + 8 + 13 },
    { user: "2", records: 1, bytes: 713 },
  ];
  expect(await readUse(db)).toEqual(before);
  await log(db, 12, 3);
  await suggest(db, 22, 2);
  expect(await readUse(db)).toEqual([
    before[0],
    { user: "2", records: 2, bytes: 1426 },
    { user: "3", records: 1, bytes: 708 },
  ]);
  await sql`delete from rebalance_suggestions where owner_id = ${id(2)}`.execute(db);
  expect((await readUse(db))[1]).toEqual({ user: "2", records: 0, bytes: 0 });
});
