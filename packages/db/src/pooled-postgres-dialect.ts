import {
  AbortedTransactionError,
  CompiledQuery,
  type DatabaseConnection,
  type Driver,
  PostgresAdapter,
  PostgresDialect,
  PostgresDriver,
  type QueryResult,
} from "kysely";
import type { Database } from "./database.ts";
import type { StatementFacts } from "./define-statement.ts";
import type { PooledConnection, PostgresPool } from "./postgres-pool.ts";
import { shareRoundTrips } from "./shared-round-trips.ts";
import type { StatementListener } from "./statement-listener.ts";

/** Postgres for Kysely, by a pool of our own, which knows statements by their names. */
export class PooledPostgresDialect extends PostgresDialect {
  readonly #pool: PostgresPool;
  readonly #listener: StatementListener | undefined;

  constructor(pool: PostgresPool, listener?: StatementListener) {
    super({
      pool: () => {
        throw new Error("Connections come from the driver.");
      },
    });
    this.#pool = pool;
    this.#listener = listener;
  }

  override createDriver(): Driver {
    return new PooledPostgresDriver(this.#pool, this.#listener);
  }

  override createAdapter(): PooledPostgresAdapter {
    return new PooledPostgresAdapter(this.#pool, this.#listener);
  }
}

/** Runs a statement on whichever connection, together with others. */
type ShareRoundTrip = <TRow>(query: CompiledQuery<TRow> & StatementFacts) => Promise<TRow[]>;

/** What Kysely knows of a database wherever it is used: here also the way to it that callers share. */
class PooledPostgresAdapter extends PostgresAdapter {
  readonly share: ShareRoundTrip;

  constructor(pool: PostgresPool, listener: StatementListener | undefined) {
    super();
    const send = shareRoundTrips(pool);
    this.share = async ({ name, sql: text, parameters: values }) => {
      const began = listener && performance.now();
      const { rows } = await send({ name, text, values });
      if (began !== undefined) listener?.onStatement(performance.now() - began, text);
      return rows;
    };
  }
}

/** @returns undefined where statements do not travel, or not by a pool of ours */
export function sharedRoundTripsOf(db: Database): ShareRoundTrip | undefined {
  const { adapter } = db.getExecutor();
  return adapter instanceof PooledPostgresAdapter ? adapter.share : undefined;
}

/** Transactions and savepoints are Kysely's; connections are not wrapped anew each time they are lent. */
class PooledPostgresDriver extends PostgresDriver {
  readonly #pool: PostgresPool;
  readonly #listener: StatementListener | undefined;
  readonly #connections = new WeakMap<PooledConnection, PostgresConnection>();

  constructor(pool: PostgresPool, listener: StatementListener | undefined) {
    super({ pool: () => Promise.reject(new Error("Connections come from this driver.")) });
    this.#pool = pool;
    this.#listener = listener;
  }

  override async init(): Promise<void> {}

  override async acquireConnection(): Promise<DatabaseConnection> {
    const began = this.#listener && performance.now();
    const pooled = await this.#pool.connect();
    if (began !== undefined) this.#listener?.onConnection(performance.now() - began);
    const connection = this.#connections.get(pooled) ?? new PostgresConnection(pooled, this.#listener);
    this.#connections.set(pooled, connection);
    return connection;
  }

  /** `begin` is sent with the first statement. */
  override async beginTransaction(
    connection: DatabaseConnection,
    settings: Parameters<PostgresDriver["beginTransaction"]>[1],
  ): Promise<void> {
    const isPlain = settings.isolationLevel === undefined && settings.accessMode === undefined;
    if (!isPlain || !own(connection).isOwn) return super.beginTransaction(connection, settings);
    own(connection).transaction = "beginning";
  }

  override async commitTransaction(connection: DatabaseConnection): Promise<void> {
    if (own(connection).endTransaction() === "open") await super.commitTransaction(connection);
  }

  override async rollbackTransaction(connection: DatabaseConnection): Promise<void> {
    if (own(connection).endTransaction() === "beginning") return;
    try {
      await connection.executeQuery(CompiledQuery.raw("rollback"));
    } catch (error) {
      own(connection).isOfNoUse = true;
      throw error;
    }
  }

  override async releaseConnection(connection: DatabaseConnection): Promise<void> {
    own(connection).release();
  }

  override async destroy(): Promise<void> {
    await this.#pool.end();
  }
}

/** Kysely gives back what it was given. */
function own(connection: DatabaseConnection): PostgresConnection {
  if (connection instanceof PostgresConnection) return connection;
  throw new Error("This connection is of another driver.");
}

/** `beginning` until the first statement, which takes `begin` along; `committed` after one that has taken `commit` along. */
type TransactionState = "beginning" | "open" | "committed";

class PostgresConnection implements DatabaseConnection {
  readonly #pooled: PooledConnection;
  readonly #listener: StatementListener | undefined;
  isOfNoUse = false;
  transaction: TransactionState = "open";

  constructor(pooled: PooledConnection, listener: StatementListener | undefined) {
    this.#pooled = pooled;
    this.#listener = listener;
  }

  async executeQuery<TRow>(query: CompiledQuery & StatementFacts): Promise<QueryResult<TRow>> {
    const { name, sql: text, parameters: values } = query;
    if (this.transaction === "committed")
      throw new Error("Nothing follows the last statement of a transaction.");
    const isFirst = this.transaction === "beginning";
    const isLast = query.isLast === true && this.#pooled.isOwn;
    this.transaction = "open";
    const began = this.#listener && performance.now();
    const { command, rowCount, rows } = await this.#pooled.send({ name, text, values, isFirst, isLast });
    if (began !== undefined) this.#listener?.onStatement(performance.now() - began, text);
    if (isLast && command === "ROLLBACK") throw new AbortedTransactionError();
    if (isLast) this.transaction = "committed";
    // By this Kysely notices that a transaction was rolled back instead of committed.
    if (command === "ROLLBACK" || command === "COMMIT") return { rows: [{ command } as TRow] };
    const isChange = /^(INSERT|UPDATE|DELETE|MERGE)$/.test(command);
    return { numAffectedRows: isChange ? BigInt(rowCount ?? 0) : undefined, rows: rows ?? [] };
  }

  // biome-ignore lint/correctness/useYield: Kysely asks for a generator.
  async *streamQuery(): AsyncIterableIterator<never> {
    throw new Error("Results are not streamed.");
  }

  get isOwn(): boolean {
    return this.#pooled.isOwn;
  }

  /** @returns what it was */
  endTransaction(): TransactionState {
    const { transaction } = this;
    this.transaction = "open";
    return transaction;
  }

  release(): void {
    this.#pooled.release(this.isOfNoUse);
  }
}
