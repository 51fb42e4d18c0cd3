import pg from "pg";

/**
 * Keeps a transaction open on a Postgres server for nearly all of the time, each for a fifth of a second, as neighbours do whose
 * databases are on the same server. Readers of events go no further than the oldest that is open.
 */
export async function startNeighbour(url: string): Promise<AsyncDisposable> {
  const client = new pg.Client(url);
  await client.connect();
  let isStopped = false;
  async function run(): Promise<void> {
    while (!isStopped) {
      await client.query("begin; select pg_current_xact_id(); select pg_sleep(0.2); commit");
      // Some tests wait for a moment in which nobody writes.
      await client.query("select pg_sleep(0.02)");
    }
  }
  const running = run();
  return {
    [Symbol.asyncDispose]: async () => {
      isStopped = true;
      await running;
      await client.end();
    },
  };
}
