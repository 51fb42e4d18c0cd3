import {
  CompiledQuery,
  type DatabaseConnection,
  type Driver,
  PostgresDialect,
  PostgresDriver,
  type QueryResult,
} from "kysely";
import type { PooledConnection, PostgresPool } from "./postgres-pool.ts";

/** Postgres for Kysely, by a pool of our own, which knows statements by their names. */
export class PooledPostgresDialect extends PostgresDialect {
  readonly #pool: PostgresPool;

  constructor(pool: PostgresPool) {
    super({
      pool: () => {
        throw new Error("Connections come from the driver.");
      },
    });
    this.#pool = pool;
  }

  override createDriver(): Driver {
    return new PooledPostgresDriver(this.#pool);
  }
}

/** Transactions and savepoints are Kysely's; connections are not wrapped anew each time they are lent. */
class PooledPostgresDriver extends PostgresDriver {
  readonly #pool: PostgresPool;
  readonly #connections = new WeakMap<PooledConnection, PostgresConnection>();

  constructor(pool: PostgresPool) {
    super({ pool: () => Promise.reject(new Error("Connections come from this driver.")) });
    this.#pool = pool;
  }

  override async init(): Promise<void> {}

  override async acquireConnection(): Promise<DatabaseConnection> {
    const pooled = await this.#pool.connect();
    const connection = this.#connections.get(pooled) ?? new PostgresConnection(pooled);
    this.#connections.set(pooled, connection);
    return connection;
  }

  override async rollbackTransaction(connection: DatabaseConnection): Promise<void> {
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

class PostgresConnection implements DatabaseConnection {
  readonly #pooled: PooledConnection;
  isOfNoUse = false;

  constructor(pooled: PooledConnection) {
    this.#pooled = pooled;
  }

  async executeQuery<TRow>(query: CompiledQuery & { readonly name?: string }): Promise<QueryResult<TRow>> {
    const { name, sql: text, parameters: values } = query;
    const { command, rowCount, rows } = await this.#pooled.send({ name, text, values });
    // By this Kysely notices that a transaction was rolled back instead of committed.
    if (command === "ROLLBACK" || command === "COMMIT") return { rows: [{ command } as TRow] };
    const isChange = /^(INSERT|UPDATE|DELETE|MERGE)$/.test(command);
    return { numAffectedRows: isChange ? BigInt(rowCount ?? 0) : undefined, rows: rows ?? [] };
  }

  // biome-ignore lint/correctness/useYield: Kysely asks for a generator.
  async *streamQuery(): AsyncIterableIterator<never> {
    throw new Error("Results are not streamed.");
  }

  release(): void {
    this.#pooled.release(this.isOfNoUse);
  }
}
