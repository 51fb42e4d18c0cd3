import { sql } from "kysely";
import { expect, it } from "vitest";
import { DatabaseUnavailableError, isDatabaseUnavailable } from "./database-errors.ts";
import { openDatabase } from "./open-database.ts";
import { createTestDatabase, holdTransaction } from "./testing/index.ts";

it("lets whoever asks for something else through, and stays there, however many wait for a locked table", async () => {
  await using test = await createTestDatabase();
  const { db, state, close } = await openDatabase({ url: test.url ?? "", pool: { size: 4 } });
  await using held = await holdTransaction(test.db, (trx) =>
    sql`lock table markets in access exclusive mode`.execute(trx),
  );
  const wait = () => sql`select 1 from markets`.execute(db).then(() => "read", reasonOf);
  // Each connection is taken six times, which would take longer than anybody waits for one if each time took a second.
  const waiting = Array.from({ length: 24 }, wait);
  await held.waitUntilWanted();
  expect(await state()).toBe("up");
  const others = await Promise.all(Array.from({ length: 12 }, () => sql`select 1 from users`.execute(db)));
  expect(others).toHaveLength(12);
  await held.release();
  const results = await Promise.all(waiting);
  expect(results).toContain("unavailable");
  expect(new Set(results)).not.toContain("failed");
  await close();
});

it("waits for a locked table as long as nobody else wants the connection", async () => {
  await using test = await createTestDatabase();
  const { db, close } = await openDatabase({ url: test.url ?? "", pool: { size: 2 } });
  await using held = await holdTransaction(test.db, (trx) =>
    sql`lock table markets in access exclusive mode`.execute(trx),
  );
  const read = sql`select 1 from markets`.execute(db).then(() => "read", reasonOf);
  await held.waitUntilWanted();
  // Longer than a statement may keep a connection that somebody wants.
  await sql`select pg_sleep(1.5)`.execute(db);
  await held.release();
  expect(await read).toBe("read");
  await close();
});

function reasonOf(error: unknown): string {
  return error instanceof DatabaseUnavailableError || isDatabaseUnavailable(error) ? "unavailable" : "failed";
}
