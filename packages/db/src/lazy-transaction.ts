import {
  CompiledQuery,
  type ControlledTransaction,
  type DatabaseConnection,
  type Driver,
  Kysely,
  PGliteAdapter,
  PostgresQueryCompiler,
  type QueryResult,
} from "kysely";
import type { Database, DatabaseTransaction } from "./database.ts";
import type { Tables } from "./tables.ts";

/** A transaction that begins with the first write, so that slow work before it holds no connection. */
export interface LazyTransaction {
  /**
   * Until the first write, its statements are those of the database that it was opened on; from then on they are the
   * transaction's. Its own transactions are savepoints, and so is each of its statements: one that is refused takes
   * nothing else with it. Statements wait for each other.
   */
  readonly db: Database;
  hasBegun(): boolean;
  /** Waits for what is under way, then commits; does nothing if the transaction has not begun. */
  commit(): Promise<void>;
  /** Waits for what is under way, then undoes everything. Never throws: a connection that is lost has no transaction. */
  rollback(): Promise<void>;
}

/**
 * Opens a transaction that has yet to begin. `.transaction()`, and every statement that is not a plain `select`, begins it.
 *
 * @param onBegin what is done first in the transaction; when it throws, the transaction is undone and the write fails
 */
export function openLazyTransaction(
  db: Database,
  onBegin: (trx: DatabaseTransaction) => Promise<void>,
): LazyTransaction {
  const driver = new LazyDriver(db, onBegin);
  const lazy = new LazyDatabase(driver);
  // As a statement of the lazy database, so that it waits for its turn.
  const inTurn = (end: () => Promise<void>) => lazy.getExecutor().provideConnection(end);
  return {
    db: lazy,
    hasBegun: () => driver.hasBegun,
    commit: () => inTurn(() => driver.commit()),
    rollback: () => inTurn(() => driver.rollback()),
  };
}

/**
 * The database for what has to be stored whatever becomes of a lazy transaction, and before slow work, such as a count of
 * attempts. Once the transaction has begun it is the transaction: beside it, the embedded database would wait for ever.
 *
 * @param db of a lazy transaction; any other is given back
 */
export function independently(db: Database): Database {
  return db instanceof LazyDatabase && !db.driver.hasBegun ? db.driver.outside : db;
}

/**
 * Undoes what a lazy transaction has done so far, so that slow work may follow. For callers whose writes have turned out to
 * change nothing. Does nothing to any other database.
 */
export async function startOver(db: Database): Promise<void> {
  if (db instanceof LazyDatabase) await db.getExecutor().provideConnection(() => db.driver.startOver());
}

class LazyDatabase extends Kysely<Tables> {
  readonly driver: LazyDriver;

  constructor(driver: LazyDriver) {
    super({
      dialect: {
        // One statement, or transaction, at a time: that its database has one connection is what this adapter says.
        createAdapter: () => new PGliteAdapter(),
        createDriver: () => driver,
        createIntrospector: () => driver.outside.introspection,
        createQueryCompiler: () => new PostgresQueryCompiler(),
      },
      plugins: [...driver.outside.getExecutor().plugins],
    });
    this.driver = driver;
  }
}

class LazyDriver implements Driver {
  readonly outside: Database;
  readonly #onBegin: (trx: DatabaseTransaction) => Promise<void>;
  #transaction: ControlledTransaction<Tables> | undefined;
  #hasEnded = false;

  constructor(outside: Database, onBegin: (trx: DatabaseTransaction) => Promise<void>) {
    this.outside = outside;
    this.#onBegin = onBegin;
  }

  get hasBegun(): boolean {
    return this.#transaction !== undefined;
  }

  async execute<TRow>(query: CompiledQuery, { isInner }: LazyConnection): Promise<QueryResult<TRow>> {
    if (this.#transaction === undefined && isPlainRead(query)) return executeOn(this.outside, query);
    const trx = await this.#begin();
    if (isInner) return executeOn(trx, query);
    await executeOn(trx, setSavepoint);
    try {
      const result = await executeOn<TRow>(trx, query);
      await executeOn(trx, releaseSavepoint);
      return result;
    } catch (error) {
      await executeOn(trx, rollbackToSavepoint);
      throw error;
    }
  }

  async #begin(): Promise<ControlledTransaction<Tables>> {
    if (this.#transaction !== undefined) return this.#transaction;
    if (this.#hasEnded) throw new Error("The lazy transaction has ended.");
    const trx = await this.outside.startTransaction().execute();
    try {
      await this.#onBegin(trx);
    } catch (error) {
      await rollBack(trx);
      throw error;
    }
    this.#transaction = trx;
    return trx;
  }

  async commit(): Promise<void> {
    const trx = this.#end();
    try {
      await trx?.commit().execute();
    } catch (error) {
      if (trx !== undefined) await rollBack(trx);
      throw error;
    }
  }

  async rollback(): Promise<void> {
    const trx = this.#end();
    if (trx !== undefined) await rollBack(trx);
  }

  async startOver(): Promise<void> {
    await this.rollback();
    this.#hasEnded = false;
  }

  #end(): ControlledTransaction<Tables> | undefined {
    const trx = this.#transaction;
    this.#transaction = undefined;
    this.#hasEnded = true;
    return trx;
  }

  async acquireConnection(): Promise<DatabaseConnection> {
    return new LazyConnection(this);
  }

  async beginTransaction(connection: DatabaseConnection): Promise<void> {
    await executeOn(await this.#begin(), setSavepoint);
    (connection as LazyConnection).isInner = true;
  }

  commitTransaction(connection: DatabaseConnection): Promise<void> {
    return this.#endInner(connection, releaseSavepoint);
  }

  rollbackTransaction(connection: DatabaseConnection): Promise<void> {
    return this.#endInner(connection, rollbackToSavepoint);
  }

  async #endInner(connection: DatabaseConnection, statement: CompiledQuery): Promise<void> {
    await connection.executeQuery(statement);
    (connection as LazyConnection).isInner = false;
  }

  async init(): Promise<void> {}
  async releaseConnection(): Promise<void> {}
  async destroy(): Promise<void> {}
}

class LazyConnection implements DatabaseConnection {
  readonly #driver: LazyDriver;
  /** Whether a transaction of the service has it. */
  isInner = false;

  constructor(driver: LazyDriver) {
    this.#driver = driver;
  }

  executeQuery<TRow>(query: CompiledQuery): Promise<QueryResult<TRow>> {
    return this.#driver.execute(query, this);
  }

  streamQuery(): never {
    throw new Error("A lazy transaction cannot stream.");
  }
}

// Never nested, so that one name is enough.
const setSavepoint = CompiledQuery.raw("savepoint inner_work");
const releaseSavepoint = CompiledQuery.raw("release savepoint inner_work");
const rollbackToSavepoint = CompiledQuery.raw("rollback to savepoint inner_work");

/** A `select` that begins like one, without `with`, writes nothing; one that locks rows needs a transaction. */
function isPlainRead({ sql }: CompiledQuery): boolean {
  return /^\s*select\b/i.test(sql) && !/\bfor\s+(no\s+key\s+update|update|key\s+share|share)\b/i.test(sql);
}

function executeOn<TRow>(db: Kysely<Tables>, query: CompiledQuery): Promise<QueryResult<TRow>> {
  // Below the plugins, which have seen the query already.
  return db.getExecutor().provideConnection((connection) => connection.executeQuery<TRow>(query));
}

async function rollBack(trx: ControlledTransaction<Tables>): Promise<void> {
  try {
    await trx.rollback().execute();
  } catch {
    // The connection is lost, and the transaction with it.
  }
}
