import { sql } from "kysely";
import { describe, expect, inject, it, vi } from "vitest";
import type { Database } from "./database.ts";
import { DatabaseUnavailableError } from "./database-errors.ts";
import { openDatabase } from "./open-database.ts";
import type { ConnectionLoss } from "./postgres-pool.ts";
import { startProxy } from "./testing/index.ts";

// Long enough for a busy machine to respond in time where the server is meant to.
const responseTimeoutMs = 500;

/** Fills the pool, and gives the process ids of its connections, which are idle then. */
async function openConnections(db: Database, count: number): Promise<number[]> {
  const ask = () => sql<{ pid: number }>`select pg_backend_pid() as pid, pg_sleep(0.2)`.execute(db);
  const results = await Promise.all(Array.from({ length: count }, ask));
  return results.flatMap(({ rows }) => rows.map(({ pid }) => pid));
}

/** Ends connections of somebody else, at once. */
async function endIdleConnections(pids: readonly number[]): Promise<void> {
  const other = await openDatabase({ url: inject("postgresUrl") });
  await sql`select pg_terminate_backend(pid) from unnest(${pids}::int[]) as pid`.execute(other.db);
  await vi.waitUntil(async () => {
    const left = await sql`select 1 from pg_stat_activity where pid = any(${pids}::int[])`.execute(other.db);
    return left.rows.length === 0;
  }, 60_000);
  await other.close();
}

describe("a pool", () => {
  it("waits for a long statement as long as the server responds", async () => {
    const database = await openDatabase({ url: inject("postgresUrl"), pool: { responseTimeoutMs } });
    const { rows } = await sql`select pg_sleep(1.5), 1 as one`.execute(database.db);
    expect(rows).toMatchObject([{ one: 1 }]);
    await database.close();
  });

  it("gives up on a server that hangs in the middle of a statement, and works again when it is back", async () => {
    await using proxy = await startProxy(inject("postgresUrl"));
    const database = await openDatabase({ url: proxy.url, pool: { size: 1, responseTimeoutMs } });
    await sql`select 1`.execute(database.db);
    proxy.freeze();
    await expect(sql`select 1`.execute(database.db)).rejects.toThrow(DatabaseUnavailableError);
    proxy.thaw();
    await vi.waitFor(async () => {
      const { rows } = await sql`select 2 as two`.execute(database.db);
      expect(rows).toEqual([{ two: 2 }]);
    }, 60_000);
    await database.close();
  });

  it("gives up on a server that hangs in a transaction", async () => {
    await using proxy = await startProxy(inject("postgresUrl"));
    const database = await openDatabase({ url: proxy.url, pool: { responseTimeoutMs } });
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
      }, 60_000);
      await sql`select 1`.execute(trx);
    });
    // An error that nobody catches would fail the whole run.
    await expect(work).rejects.toThrow(DatabaseUnavailableError);
    expect((await sql`select 1 as one`.execute(database.db)).rows).toEqual([{ one: 1 }]);
    await database.close();
  });

  it("reports once that its idle connections were lost, without credentials, and goes on", async () => {
    const losses: ConnectionLoss[] = [];
    const database = await openDatabase(
      { url: inject("postgresUrl") },
      { onConnectionError: (loss) => losses.push(loss) },
    );
    for (const count of [1, 2]) {
      await endIdleConnections(await openConnections(database.db, 3));
      await vi.waitUntil(() => losses.length === count, 60_000);
      // Of connections that end together, one may be taken before the others are known to have ended.
      await vi.waitFor(async () => {
        expect((await sql`select 1 as one`.execute(database.db)).rows).toEqual([{ one: 1 }]);
      }, 60_000);
    }
    const loss = { code: "57P01", reason: "terminating connection due to administrator command" };
    expect(losses).toEqual([loss, loss]);
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
    const database = await openDatabase({ url: proxy.url, pool: { responseTimeoutMs } });
    await expect(sql`select 1`.execute(database.db)).rejects.toThrow(DatabaseUnavailableError);
    await database.close();
  });
});
