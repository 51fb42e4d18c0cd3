import type { PostgresPool, PostgresPoolClient } from "kysely";
import pg from "pg";
import { DatabaseUnavailableError } from "./database-errors.ts";
import { createServerWatch, type ServerWatch } from "./server-watch.ts";
import { type Session, type SessionLimits, startSession } from "./session-settings.ts";

/** Why a connection that nobody was using was lost; without credentials. */
export interface ConnectionLoss {
  /** An SQLSTATE or a code of the operating system. */
  readonly code: string | undefined;
  readonly reason: string;
}

export interface PostgresPoolOptions {
  /** The most connections. @default 10 */
  readonly size?: number | undefined;
  /** How long the server may take to accept a connection, or to respond to the question whether it is there. @default 5000 */
  readonly responseTimeoutMs?: number | undefined;
  /** Hears of the first idle connection that is lost, and of no other until the server takes a new one. */
  readonly onConnectionError?: ((loss: ConnectionLoss) => void) | undefined;
  /** Hears of every error of a statement. */
  readonly onError?: ((error: unknown) => void) | undefined;
}

const limits: SessionLimits = {
  // Far longer than any served statement takes; an import lifts it for its own transaction. A statement that waits for a lock
  // must not hold its connection for good, or a few of them hold all.
  statementTimeoutMs: 15_000,
  // Far longer than any transaction waits for us; a server whose machine has died must not keep its locks for hours.
  idleInTransactionTimeoutMs: 60_000,
};

/**
 * A pool of connections that reports a lost server as DatabaseUnavailableError. pg gives some of those errors without a
 * code ("Connection terminated unexpectedly"), so they are recognised here, where they enter.
 */
export function createPostgresPool(url: string, options: PostgresPoolOptions = {}): PostgresPool {
  const { size = 10, responseTimeoutMs = 5_000, onConnectionError, onError = () => {} } = options;
  const watch = createServerWatch(url, responseTimeoutMs);
  const pool = new pg.Pool({
    connectionString: url,
    max: size,
    connectionTimeoutMillis: responseTimeoutMs,
    idleTimeoutMillis: 30_000,
    keepAlive: true,
    // The only start-up parameter: poolers refuse most others. The rest is set by `startSession`.
    application_name: "obsqra",
  });
  let isLost = false;
  // Without a listener, an idle connection that the server closes would end this process. The pool replaces it.
  pool.on("error", (error: Error & { code?: string }) => {
    // A server that goes takes all connections with it, which is one loss.
    if (isLost) return;
    isLost = true;
    // Not the error itself: pg hangs its client on it, with the password.
    onConnectionError?.({ code: error.code, reason: error.message });
  });
  pool.on("connect", (client) => {
    isLost = false;
    // So would one that is lost between two statements of a transaction. The next statement fails, and says so.
    client.on("error", () => {});
  });
  const known = new WeakMap<pg.PoolClient, Connection>();
  return {
    options: pool.options,
    end: () => pool.end(),
    connect: async () => {
      try {
        const client = await pool.connect();
        const connection =
          known.get(client) ?? (await startOrRelease(client, createWatchedQuery(client, { watch, onError })));
        known.set(client, connection);
        return lend(client, connection);
      } catch (cause) {
        throw new DatabaseUnavailableError("The database cannot be reached.", { cause });
      }
    },
  };
}

/** Asks on a connection, and remembers when it was lost. */
interface WatchedQuery {
  query(...parameters: Parameters<pg.PoolClient["query"]>): Promise<unknown>;
  lost(): DatabaseUnavailableError | undefined;
}

/** A connection of the pool that is ready to be lent. */
interface Connection {
  readonly session: Session;
  readonly watched: WatchedQuery;
}

function createWatchedQuery(
  client: pg.PoolClient,
  { watch, onError }: { readonly watch: ServerWatch; readonly onError: (error: unknown) => void },
): WatchedQuery {
  let lost: DatabaseUnavailableError | undefined;
  const query = async (...parameters: Parameters<pg.PoolClient["query"]>) => {
    if (lost !== undefined) throw lost;
    try {
      return await watch.whileResponding(Promise.resolve(client.query(...parameters)));
    } catch (error) {
      onError(error);
      if (!isLostConnection(error)) throw error;
      lost = new DatabaseUnavailableError("The connection to the database was lost.", { cause: error });
      throw lost;
    }
  };
  return { query, lost: () => lost };
}

/** The session of a new connection. One that cannot have it is of no use to anybody. */
async function startOrRelease(client: pg.PoolClient, watched: WatchedQuery): Promise<Connection> {
  const query = watched.query as Parameters<typeof startSession>[1];
  try {
    return { session: await startSession(client, query, limits), watched };
  } catch (error) {
    client.release(true);
    throw error;
  }
}

function lend(client: pg.PoolClient, { session, watched }: Connection): PostgresPoolClient {
  const { query } = session;
  // The pool throws a lost connection away instead of lending it again.
  const release = () => client.release(watched.lost());
  return new Proxy(client, {
    get(target, property) {
      if (property === "query") return query;
      if (property === "release") return release;
      const value: unknown = Reflect.get(target, property, target);
      return typeof value === "function" ? value.bind(target) : value;
    },
  }) as unknown as PostgresPoolClient; // Kysely's interface names the same methods with its own result types.
}

/** What the server refuses has a code, and what we do wrong is a TypeError; the rest is the connection. */
function isLostConnection(error: unknown): boolean {
  return (
    error instanceof Error && !(error instanceof TypeError) && !("code" in error && error.code !== undefined)
  );
}
