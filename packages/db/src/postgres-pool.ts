import type { PostgresPool, PostgresPoolClient } from "kysely";
import pg from "pg";
import { DatabaseUnavailableError } from "./database-errors.ts";

/**
 * A pool of connections that reports a lost server as DatabaseUnavailableError. pg gives some of those errors without a
 * code ("Connection terminated unexpectedly"), so they are recognised here, where they enter.
 */
export function createPostgresPool(url: string, size: number): PostgresPool {
  const pool = new pg.Pool({
    connectionString: url,
    max: size,
    connectionTimeoutMillis: 5_000,
    idleTimeoutMillis: 30_000,
    application_name: "obsqra",
  });
  // Without a listener, an idle connection that the server closes would end this process. The pool replaces it.
  pool.on("error", () => {});
  return {
    options: pool.options,
    end: () => pool.end(),
    connect: async () => {
      try {
        return watchClient(await pool.connect());
      } catch (cause) {
        throw new DatabaseUnavailableError("The database cannot be reached.", { cause });
      }
    },
  };
}

function watchClient(client: pg.PoolClient): PostgresPoolClient {
  return new Proxy(client, {
    get(target, property) {
      if (property !== "query") {
        const value: unknown = Reflect.get(target, property, target);
        return typeof value === "function" ? value.bind(target) : value;
      }
      return async (...parameters: Parameters<pg.PoolClient["query"]>) => {
        try {
          return await target.query(...parameters);
        } catch (error) {
          throw isLostConnection(error)
            ? new DatabaseUnavailableError("The connection to the database was lost.", { cause: error })
            : error;
        }
      };
    },
  }) as unknown as PostgresPoolClient; // Kysely's interface names the same methods with its own result types.
}

/** What the server refuses has a code, and what we do wrong is a TypeError; the rest is the connection. */
function isLostConnection(error: unknown): boolean {
  return (
    error instanceof Error && !(error instanceof TypeError) && !("code" in error && error.code !== undefined)
  );
}
