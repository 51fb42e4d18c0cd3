import { sql } from "kysely";
import { expect, it } from "vitest";
import type { Database } from "./index.ts";
import { createTestDatabase } from "./testing/index.ts";

const userId = "01900000-0000-7000-8000-000000000001";
const transactionId = "01900000-0000-7000-8000-000000000002";
const statusId = "01900000-0000-7000-8000-000000000003";

async function logTransaction(db: Database): Promise<void> {
  const now = new Date("2026-01-01T00:00:00Z");
  await db
    .insertInto("users")
    .values({
      id: userId,
      email: "ada@example.org",
      email_verified_at: null,
      full_name: "Ada",
      wallet_address: null,
      preferences: "{}",
      created_at: now,
      updated_at: now,
    })
    .execute();
  await db
    .insertInto("transactions")
    .values({
      id: transactionId,
      user_id: userId,
      tx_hash: `0x${"0".repeat(63)}1`,
      tx_type: "deposit",
      amount: "123456789012345678901234567890.123456789012345678",
      details: "{}",
      suggestion_id: null,
      created_at: now,
    })
    .execute();
  await db
    .insertInto("transaction_statuses")
    .values({ id: statusId, transaction_id: transactionId, status: "pending", observed_at: now })
    .execute();
}

it.each([
  "update transactions set amount = 1",
  "delete from transactions",
  "truncate transactions cascade",
  "update transaction_statuses set status = 'confirmed'",
  "delete from transaction_statuses",
])("refuses to change a logged transaction: %s", async (statement) => {
  await using database = await createTestDatabase();
  await logTransaction(database.db);
  await expect(sql.raw(statement).execute(database.db)).rejects.toMatchObject({ code: "23001" });
});

it("keeps every digit of an amount", async () => {
  await using database = await createTestDatabase();
  await logTransaction(database.db);
  const row = await database.db.selectFrom("transactions").select("amount").executeTakeFirstOrThrow();
  expect(row.amount).toBe("123456789012345678901234567890.123456789012345678");
});

it("removes a user's log together with the user", async () => {
  await using database = await createTestDatabase();
  await logTransaction(database.db);
  await database.db.deleteFrom("users").where("id", "=", userId).execute();
  expect(await database.db.selectFrom("transaction_statuses").selectAll().execute()).toEqual([]);
});
