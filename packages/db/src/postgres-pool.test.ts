import { sql } from "kysely";
import { describe, expect, inject, it, vi } from "vitest";
import { DatabaseUnavailableError } from "./database-errors.ts";
import { openDatabase } from "./open-database.ts";
import { startProxy } from "./testing/index.ts";

const answerTimeoutMs = 200;

describe.runIf(inject("databaseEngine") === "postgres")("a pool", () => {
  it("waits for a long statement as long as the server answers", async () => {
    const database = await openDatabase({ url: inject("postgresUrl"), pool: { answerTimeoutMs } });
    const { rows } = await sql`select pg_sleep(1), 1 as one`.execute(database.db);
    expect(rows).toMatchObject([{ one: 1 }]);
    await database.close();
  });

  it("gives up on a server that hangs in the middle of a statement, and works again when it is back", async () => {
    await using proxy = await startProxy(inject("postgresUrl"));
    const database = await openDatabase({ url: proxy.url, pool: { size: 1, answerTimeoutMs } });
    await sql`select 1`.execute(database.db);
    proxy.freeze();
    await expect(sql`select 1`.execute(database.db)).rejects.toThrow(DatabaseUnavailableError);
    proxy.thaw();
    const { rows } = await sql`select 2 as two`.execute(database.db);
    expect(rows).toEqual([{ two: 2 }]);
    await database.close();
  });

  it("gives up on a server that hangs in a transaction", async () => {
    await using proxy = await startProxy(inject("postgresUrl"));
    const database = await openDatabase({ url: proxy.url, pool: { answerTimeoutMs } });
    const work = database.db.transaction().execute(async (trx) => {
      await sql`select 1`.execute(trx);
      proxy.freeze();
      await sql`select 2`.execute(trx);
    });
    await expect(work).rejects.toThrow(DatabaseUnavailableError);
    await database.close();
  });

  it("fails a transaction, and nothing else, whose connection is lost between two statements", async () => {
    const database = await openDatabase({ url: inject("postgresUrl") });
    const work = database.db.transaction().execute(async (trx) => {
      const { rows } = await sql<{ pid: number }>`select pg_backend_pid() as pid`.execute(trx);
      const [{ pid } = { pid: 0 }] = rows;
      await sql`select pg_terminate_backend(${pid})`.execute(database.db);
      await vi.waitUntil(async () => {
        const found = await sql`select 1 from pg_stat_activity where pid = ${pid}`.execute(database.db);
        return found.rows.length === 0;
      }, 10_000);
      await sql`select 1`.execute(trx);
    });
    // An error that nobody catches would fail the whole run.
    await expect(work).rejects.toThrow(DatabaseUnavailableError);
    expect((await sql`select 1 as one`.execute(database.db)).rows).toEqual([{ one: 1 }]);
    await database.close();
  });

  it("has the server end a transaction that nobody goes on with", async () => {
    const database = await openDatabase({ url: inject("postgresUrl") });
    const { rows } = await sql`show idle_in_transaction_session_timeout`.execute(database.db);
    expect(rows).toEqual([{ idle_in_transaction_session_timeout: "1min" }]);
    await database.close();
  });

  it("gives up on a server that accepts connections and says nothing", async () => {
    await using proxy = await startProxy(inject("postgresUrl"));
    proxy.freeze();
    const database = await openDatabase({ url: proxy.url, pool: { answerTimeoutMs } });
    await expect(sql`select 1`.execute(database.db)).rejects.toThrow(DatabaseUnavailableError);
    await database.close();
  });
});
