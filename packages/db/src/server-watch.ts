import pg from "pg";

/** Notices when a Postgres server has stopped answering. */
export interface ServerWatch {
  /**
   * Waits for a statement as long as the server answers others, so that a server that hangs is noticed. How long a
   * statement may take or wait for a lock is not decided here, but by the server's `statement_timeout`.
   *
   * @throws Error when the server does not answer any more
   */
  whileAnswering<TResult>(statement: Promise<TResult>): Promise<TResult>;
}

/** @param timeoutMs how long a statement may run before the server is asked, on another connection, whether it is there */
export function createServerWatch(url: string, timeoutMs: number): ServerWatch {
  let question: Promise<boolean> | undefined;
  // Many statements stall at once; one question answers for all of them.
  const isAnswering = () => {
    question ??= askServer(url, timeoutMs).finally(() => {
      question = undefined;
    });
    return question;
  };
  return {
    async whileAnswering(statement) {
      const stalled = Promise.withResolvers<never>();
      const check = async () => {
        if (await isAnswering()) timer.refresh();
        else stalled.reject(new Error("The server has stopped answering."));
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

async function askServer(url: string, timeoutMs: number): Promise<boolean> {
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
    // A refusal, such as for too many connections, is an answer.
    return error instanceof pg.DatabaseError;
  } finally {
    // Not awaited: a server that hangs does not say goodbye either.
    client.end().catch(() => {});
  }
}
