import pg from "pg";

/** What a pool tells about itself. */
export interface RelievedPool {
  /** Processes of the server that are this pool's, and nobody else's. */
  readonly processes: () => readonly number[];
  /** Whether somebody waits for a connection. */
  readonly isWanted: () => boolean;
  /** As long as the server may take to respond. */
  readonly responseTimeoutMs: number;
}

/** How long a statement may wait for a locked table while others wait for its connection. */
const waitMs = 1_000;
/** How long the next ones may, once some were cancelled: the lock lasts, and whoever waits for a connection gives up after some seconds. */
const nextWaitMs = 250;

/**
 * Keeps a locked table from taking all connections. Statements that wait for one hold theirs until the lock is gone; as soon as nobody else
 * has any left, those that have waited for a second are cancelled, and those in their places sooner, which the caller is told like any absence of the database. As long as
 * there are connections, nothing is cancelled: locks of a migration or of `vacuum full` are waited for.
 *
 * @returns to be called when somebody waits for a connection
 */
export function createPoolRelief(
  url: string,
  { processes, isWanted, responseTimeoutMs }: RelievedPool,
): () => void {
  let isWatching = false;
  const watch = async (leastMs: number) => {
    const cancelled = isWanted() ? await cancelWaiting(url, processes(), { leastMs, responseTimeoutMs }) : 0;
    const nextMs = cancelled > 0 ? nextWaitMs : leastMs;
    if (isWanted()) setTimeout(watch, nextWaitMs, nextMs).unref();
    else isWatching = false;
  };
  return () => {
    if (isWatching) return;
    isWatching = true;
    setTimeout(watch, waitMs, waitMs).unref();
  };
}

/**
 * On a connection of its own, since the pool has none. A server that cannot be asked is noticed elsewhere.
 *
 * @returns how many were cancelled that had waited for so long
 */
async function cancelWaiting(
  url: string,
  processes: readonly number[],
  { leastMs, responseTimeoutMs }: { readonly leastMs: number; readonly responseTimeoutMs: number },
): Promise<number> {
  const client = new pg.Client({
    connectionString: url,
    connectionTimeoutMillis: responseTimeoutMs,
    query_timeout: responseTimeoutMs,
    application_name: "obsqra",
  });
  client.on("error", () => {});
  try {
    await client.connect();
    const { rowCount } = await client.query(
      `select pg_cancel_backend(pid) from pg_stat_activity
        where pid = any($1::int[]) and state = 'active' and wait_event_type = 'Lock' and wait_event = 'relation'
          and clock_timestamp() - query_start >= $2 * interval '1 millisecond'`,
      [processes, leastMs],
    );
    return rowCount ?? 0;
  } catch {
    // Nothing was cancelled; the next round tries again.
    return 0;
  } finally {
    // Not awaited: a server that hangs does not say goodbye either.
    client.end().catch(() => {});
  }
}
