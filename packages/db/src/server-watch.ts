import pg from "pg";

/** Notices when a Postgres server has stopped responding. */
export interface ServerWatch {
  /**
   * Waits for a statement as long as the server responds to others, so that a server that hangs is noticed. How long a
   * statement may take or wait for a lock is decided by the server's `statement_timeout`, not here.
   *
   * @throws Error when the server no longer responds
   */
  whileResponding<TResult>(statement: Promise<TResult>): Promise<TResult>;
}

/** @param timeoutMs how long a statement may run before the server is asked, on another connection, whether it is there */
export function createServerWatch(url: string, timeoutMs: number): ServerWatch {
  let probe: Promise<boolean> | undefined;
  // Many statements stall at once; one probe serves all of them.
  const isResponding = () => {
    probe ??= probeServer(url, timeoutMs).finally(() => {
      probe = undefined;
    });
    return probe;
  };
  return {
    async whileResponding(statement) {
      const stalled = Promise.withResolvers<never>();
      const check = async () => {
        if (await isResponding()) timer.refresh();
        else stalled.reject(new Error("The server has stopped responding."));
      };
      const timer = setTimeout(() => void check(), timeoutMs);
      try {
        return await Promise.race([statement, stalled.promise]);
      } finally {
        clearTimeout(timer);
      }
    },
  };
}

async function probeServer(url: string, timeoutMs: number): Promise<boolean> {
  const client = new pg.Client({
    connectionString: url,
    connectionTimeoutMillis: timeoutMs,
    query_timeout: timeoutMs,
  });
  client.on("error", () => {});
  try {
    await client.connect();
    await client.query("select 1");
    return true;
  } catch (error) {
    // A refusal, such as for too many connections, is a response.
    return error instanceof pg.DatabaseError;
  } finally {
    // Not awaited: a server that hangs does not say goodbye either.
    client.end().catch(() => {});
  }
}
