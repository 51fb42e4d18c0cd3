import pg from "pg";

/** A statement that is under way. */
interface WatchedStatement {
  startedAt: number;
  /** Called when the server no longer responds. */
  readonly fail: (error: Error) => void;
}

/** Notices when a Postgres server has stopped responding. */
export interface ServerWatch {
  /**
   * Notes that a statement begins. It may take as long as the server responds to others, so that a server that hangs is noticed.
   * How long a statement may take or wait for a lock is decided by the server's `statement_timeout`, not here.
   */
  begin(fail: WatchedStatement["fail"]): WatchedStatement;
  end(statement: WatchedStatement): void;
}

/** @param timeoutMs how long a statement may run before the server is asked, on another connection, whether it is there */
export function createServerWatch(url: string, timeoutMs: number): ServerWatch {
  // In the order in which they began, so that one timer, for the first, is enough for all of them.
  const underWay = new Set<WatchedStatement>();
  let isWaiting = false;
  const checkIn = (ms: number) => {
    isWaiting = true;
    setTimeout(check, ms).unref();
  };
  const check = async () => {
    const [oldest] = underWay;
    const leftMs = oldest && oldest.startedAt + timeoutMs - performance.now();
    // Many statements stall at once; one probe serves all of them.
    if (leftMs !== undefined && leftMs <= 0) settleLate(await probeServer(url, timeoutMs));
    isWaiting = false;
    if (underWay.size > 0) checkIn(Math.max(1, leftMs ?? 0));
  };
  const settleLate = (isResponding: boolean) => {
    const now = performance.now();
    for (const statement of [...underWay]) {
      if (statement.startedAt + timeoutMs > now) return;
      underWay.delete(statement);
      if (isResponding) underWay.add(Object.assign(statement, { startedAt: now }));
      else statement.fail(new Error("The server has stopped responding."));
    }
  };
  return {
    begin: (fail) => {
      const statement = { startedAt: performance.now(), fail };
      underWay.add(statement);
      if (!isWaiting) checkIn(timeoutMs);
      return statement;
    },
    end: (statement) => void underWay.delete(statement),
  };
}

/** Whether a server responds, asked on a connection of its own. */
export async function probeServer(url: string, timeoutMs: number): Promise<boolean> {
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
