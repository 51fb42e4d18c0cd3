import { isDatabaseUnavailable } from "./database-errors.ts";
import type { PooledConnection, PostgresPool } from "./postgres-pool.ts";
import type { SendStatement, WireResult, WireStatement } from "./wire-statement.ts";

/** So that no statement waits for more than a few others, and several connections are used where many ask. */
const statementsMax = 8;

/** A statement, and who waits for it. */
interface Asked {
  readonly statement: WireStatement;
  readonly resolve: (result: WireResult) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Sends what is asked by the same statement in the same turn of the loop as one message to one connection, instead of each to its
 * own: under load, most of what a look-up costs is the way there and back. Each sees what was committed before it ran, as it would alone.
 *
 * They share a transaction. When one fails, Postgres undoes all, and each is sent again by itself: so that they must be such as may
 * run again, and lock no rows, because the others would wait with them. What keeps one from its tables keeps all from them: a
 * cancelled one is told to all. Other statements are not among them, which may have tables of their own.
 *
 * @throws what sending each alone throws
 */
export function shareRoundTrips(pool: Pick<PostgresPool, "connect">): SendStatement {
  /** By their names. */
  const waiting = new Map<string | undefined, Asked[]>();
  const send = (name: string | undefined) => {
    const all = waiting.get(name) ?? [];
    waiting.delete(name);
    for (let start = 0; start < all.length; start += statementsMax) {
      void sendTogether(pool, all.slice(start, start + statementsMax));
    }
  };
  return (statement) =>
    new Promise((resolve, reject) => {
      const { name } = statement;
      const others = waiting.get(name);
      if (others !== undefined) others.push({ statement, resolve, reject });
      else {
        waiting.set(name, [{ statement, resolve, reject }]);
        // After whatever has arrived by now was read.
        setImmediate(send, name);
      }
    });
}

/** Never throws: whoever waits is told. */
async function sendTogether(pool: Pick<PostgresPool, "connect">, asked: readonly Asked[]): Promise<void> {
  let connection: PooledConnection;
  try {
    connection = await pool.connect();
  } catch (error) {
    for (const { reject } of asked) reject(error);
    return;
  }
  try {
    await sendOn(connection, asked);
  } finally {
    connection.release();
  }
}

async function sendOn(connection: PooledConnection, asked: readonly Asked[]): Promise<void> {
  if (asked.length > 1 && connection.isOwn) {
    try {
      const results = await connection.sendTogether(asked.map(({ statement }) => statement));
      // One for each, in their order.
      for (const [index, { resolve }] of asked.entries()) resolve(results[index] as WireResult);
      return;
    } catch (error) {
      if (isDatabaseUnavailable(error)) {
        for (const { reject } of asked) reject(error);
        return;
      }
      // Nothing has happened. Which of them it was shows below.
    }
  }
  for (const { statement, resolve, reject } of asked) await connection.send(statement).then(resolve, reject);
}
