import { Kysely } from "kysely";
import pg from "pg";
import type { Database } from "../database.ts";
import { PooledPostgresDialect } from "../pooled-postgres-dialect.ts";
import { createPostgresPool, type PooledConnection } from "../postgres-pool.ts";
import type { Tables } from "../tables.ts";
import type { SendStatement } from "../wire-statement.ts";

/** When the connection to the database is cut off. */
export interface Break {
  /** At the statement of this number, from 1; `begin`, `commit` and `rollback` count. */
  readonly statement: number;
  /** Before it is sent; once it is on its way, so that nobody knows what becomes of it; once the server has carried it out. */
  readonly moment: "before" | "during" | "after";
  /** With the process, nothing that it would have sent later is sent. With the connection alone, the process goes on. */
  readonly loses: "connection" | "process";
}

/** A database that breaks off; use with `await using`. */
export interface BreakingDatabase extends AsyncDisposable {
  readonly db: Database;
  /** Whether as many statements came as it takes. */
  hasBroken(): boolean;
  /** Waits until the server has noticed, and has ended what was open. */
  waitUntilSettled(): Promise<void>;
}

/** What is used of pg's client besides its types: the server's process, and the socket. */
interface WireClient {
  readonly processID: number;
  readonly connection: { readonly stream: { destroy(): void } };
}

/** Opens a Postgres database as a server does, and cuts its connection off at a given statement. */
export function openBreakingDatabase(url: string, at: Break): BreakingDatabase {
  const pool = createPostgresPool(url, { size: 3, responseTimeoutMs: 60_000 });
  const servers = new Set<number>();
  let statements = 0;
  let isGone = false;
  const assertThere = () => {
    if (isGone) throw new Error("The process has been killed.");
  };
  const breakOff = (client: WireClient) => {
    isGone = at.loses === "process";
    client.connection.stream.destroy();
  };
  const watch = (connection: PooledConnection, client: WireClient): PooledConnection => {
    const send: SendStatement = async (statement) => {
      assertThere();
      statements += 1;
      if (statements !== at.statement) return connection.send(statement);
      if (at.moment === "before") breakOff(client);
      const result = connection.send(statement);
      if (at.moment === "during") setImmediate(() => breakOff(client));
      const settled = await result;
      if (at.moment === "after") breakOff(client);
      assertThere();
      return settled;
    };
    return { ...connection, send };
  };
  const connect = async () => {
    assertThere();
    const connection = await pool.connect();
    // pg's clients have both.
    const client = connection.client as object as WireClient;
    servers.add(client.processID);
    return watch(connection, client);
  };
  const db = new Kysely<Tables>({
    dialect: new PooledPostgresDialect({ ...pool, connect }),
  });
  return {
    db,
    hasBroken: () => statements >= at.statement,
    waitUntilSettled: () => waitUntilEnded(url, servers, db),
    [Symbol.asyncDispose]: () => db.destroy(),
  };
}

/** Closes what is still open, and waits until the server has none of its processes any more. */
async function waitUntilEnded(url: string, servers: ReadonlySet<number>, db: Database): Promise<void> {
  await db.destroy();
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    while (true) {
      const { rows } = await client.query("select 1 from pg_stat_activity where pid = any($1)", [
        [...servers],
      ]);
      if (rows.length === 0) return;
    }
  } finally {
    await client.end();
  }
}
