import { sql } from "kysely";
import type { Database, DatabaseTransaction } from "../database.ts";

/**
 * A transaction that stays open until it is released, on a Postgres server. Hold it with `await using`: a test that fails before its
 * release would otherwise wait for its own connection without an end.
 */
export interface HeldTransaction extends AsyncDisposable {
  /** Waits until somebody waits for what it has locked. */
  waitUntilWanted(): Promise<void>;
  /** Undoes it, once. */
  release(): Promise<void>;
}

/** Begins a transaction, writes in it, and leaves it open: whoever wants the same rows waits. */
export async function holdTransaction(
  db: Database,
  write: (trx: DatabaseTransaction) => Promise<unknown>,
): Promise<HeldTransaction> {
  const trx = await db.startTransaction().execute();
  await write(trx);
  const { rows } = await sql<{ pid: number }>`select pg_backend_pid() as pid`.execute(trx);
  let isReleased = false;
  const release = async () => {
    if (isReleased) return;
    isReleased = true;
    await trx.rollback().execute();
  };
  return {
    waitUntilWanted: async () => {
      while (true) {
        const waiting = await sql`select 1 from pg_stat_activity
          where ${rows[0]?.pid}::int = any(pg_blocking_pids(pid))`.execute(db);
        if (waiting.rows.length > 0) return;
      }
    },
    release,
    [Symbol.asyncDispose]: release,
  };
}
