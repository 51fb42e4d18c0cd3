import pg from "pg";
import { DatabaseUnavailableError } from "./database-errors.ts";
import { type KeptPlans, keepPlans } from "./kept-plans.ts";
import { createPoolRelief } from "./relieve-pool.ts";
import { createServerWatch, type ServerWatch } from "./server-watch.ts";
import { type SessionLimits, startSession } from "./session-settings.ts";
import type { ConnectionCounts } from "./statement-listener.ts";
import { type PreparedStatements, WireQuery } from "./wire-query.ts";
import type {
  SendStatement,
  SendStatements,
  WaysToSend,
  WireResult,
  WireStatement,
} from "./wire-statement.ts";
import { wireTypes } from "./wire-types.ts";

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

/** A connection of the pool, the same object each time it is lent. */
export interface PooledConnection {
  readonly client: pg.PoolClient;
  /** Whether it is one connection of the server, and nobody else's. */
  readonly isOwn: boolean;
  /** The server's process, where it is nobody else's. */
  readonly process: number | undefined;
  readonly send: SendStatement;
  /** Sends statements in one message and one transaction, outside of any other; only on a connection of our own. */
  readonly sendTogether: SendStatements;
  /** Gives it back; one that is lost, or of no use any more, is thrown away instead of being lent again. */
  release(isOfNoUse?: boolean): void;
}

/** Connections to a Postgres server. */
export interface PostgresPool {
  /** @throws DatabaseUnavailableError */
  connect(): Promise<PooledConnection>;
  connections(): ConnectionCounts;
  /** Whether there are no more connections to be had, until somebody gives one back. */
  isTaken(): boolean;
  end(): Promise<void>;
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
  const plans: KeptPlans = { version: 0, isRefused: false };
  const pool = new pg.Pool({
    connectionString: url,
    max: size,
    connectionTimeoutMillis: responseTimeoutMs,
    idleTimeoutMillis: 30_000,
    // Plans go with it that were made while a table was small, where nobody renews statistics.
    maxLifetimeSeconds: 600,
    keepAlive: true,
    types: wireTypes,
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
  const known = new WeakMap<pg.PoolClient, PooledConnection>();
  const processes = new Map<pg.PoolClient, number>();
  pool.on("remove", (client) => void processes.delete(client));
  const relieve = createPoolRelief(url, {
    processes: () => [...processes.values()],
    isWanted: () => pool.waitingCount > 0,
    responseTimeoutMs,
  });
  return {
    isTaken: () => pool.waitingCount > 0 || (pool.idleCount === 0 && pool.totalCount >= size),
    end: () => pool.end(),
    connections: () => ({ open: pool.totalCount, idle: pool.idleCount, waiting: pool.waitingCount }),
    connect: async () => {
      try {
        const taken = pool.connect();
        if (pool.waitingCount > 0) relieve();
        const client = await taken;
        const connection = known.get(client) ?? (await startConnection(client, { watch, onError, plans }));
        known.set(client, connection);
        if (connection.process !== undefined) processes.set(client, connection.process);
        return connection;
      } catch (cause) {
        throw new DatabaseUnavailableError("The database cannot be reached.", { cause });
      }
    },
  };
}

interface ConnectionParts {
  readonly watch: ServerWatch;
  readonly onError: (error: unknown) => void;
  readonly plans: KeptPlans;
}

/** A new connection with its session. One that cannot have it is of no use to anybody. */
async function startConnection(client: pg.PoolClient, parts: ConnectionParts): Promise<PooledConnection> {
  const { send, sendTogether, lost } = watchStatements(client, parts);
  const release = (isOfNoUse = false) => client.release(lost() ?? isOfNoUse);
  try {
    const { isOwn, process, ...session } = await startSession(client, send, limits);
    if (!isOwn) return { client, isOwn, process, send: session.send, sendTogether, release };
    const kept = keepPlans(client, { send: session.send, sendTogether }, parts.plans);
    return { client, isOwn, process, ...kept, release };
  } catch (error) {
    client.release(true);
    throw error;
  }
}

/** Sends statements, and remembers when the connection was lost. */
function watchStatements(
  client: pg.PoolClient,
  { watch, onError }: ConnectionParts,
): WaysToSend & { readonly lost: () => DatabaseUnavailableError | undefined } {
  let lost: DatabaseUnavailableError | undefined;
  const prepared: PreparedStatements = new Map();
  /** Waits for what `submit` sends. */
  const watched = <TResult>(
    submit: (done: (error: Error | null | undefined, result: TResult) => void) => void,
  ): Promise<TResult> =>
    new Promise((resolve, reject) => {
      const statement = watch.begin(reject);
      submit((error, result) => {
        watch.end(statement);
        // pg gives null where its types say undefined.
        if (error == null) resolve(result);
        else reject(error);
      });
    });
  const askTogether: SendStatements = (statements) =>
    watched((done) => void client.query(new WireQuery(statements, prepared, done)));
  // pg only reads the values.
  const askByPg = ({ text, values }: WireStatement): Promise<WireResult> =>
    watched((done) => void client.query({ text, values: values as unknown[] }, done));
  const ask: SendStatement = async (statement) => {
    // One result for one statement.
    if (WireQuery.takes(statement)) return (await askTogether([statement]))[0] as WireResult;
    if (statement.isFirst === true) await askByPg({ text: "begin" });
    const result = await askByPg(statement);
    if (statement.isLast === true) await askByPg({ text: "commit" });
    return result;
  };
  const guarded =
    <TAsked, TResult>(send: (asked: TAsked) => Promise<TResult>) =>
    async (asked: TAsked): Promise<TResult> => {
      if (lost !== undefined) throw lost;
      try {
        return await send(asked);
      } catch (error) {
        onError(error);
        // The connection closes a moment later, and must not be lent to anybody until then.
        if (hasEndedSession(error))
          lost = new DatabaseUnavailableError("The server has ended it.", { cause: error });
        if (!isLostConnection(error)) throw withStack(error);
        lost = new DatabaseUnavailableError("The connection to the database was lost.", { cause: error });
        throw lost;
      }
    };
  return { send: guarded(ask), sendTogether: guarded(askTogether), lost: () => lost };
}

/** Shows who has asked, instead of where the socket was read. */
function withStack(error: unknown): unknown {
  if (error instanceof Error) Error.captureStackTrace(error, withStack);
  return error;
}

/** Whether the server says goodbye: it shuts down, has crashed, drops the database, or somebody ends the session (57P01 to 57P05). */
function hasEndedSession(error: unknown): boolean {
  return error instanceof pg.DatabaseError && error.code !== undefined && /^57P0[1-5]$/.test(error.code);
}

/** What the server refuses has a code, and what we do wrong is a TypeError; the rest is the connection. */
function isLostConnection(error: unknown): boolean {
  return (
    error instanceof Error && !(error instanceof TypeError) && !("code" in error && error.code !== undefined)
  );
}
