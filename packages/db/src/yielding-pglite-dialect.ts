import { setImmediate } from "node:timers/promises";
import type { DatabaseConnection, Driver } from "kysely";
import { PGliteAdapter, PGliteDialect } from "kysely";
import { createOneConnection } from "./embedded/one-connection.ts";
import { mayWrite } from "./may-write.ts";
import type { StatementListener } from "./statement-listener.ts";

/** A statement that has taken so long lets the event loop come round before what follows it. */
const sliceMs = 2;

/**
 * PGlite works on the thread that serves requests, and gives rows within the same round of the event loop: one long statement
 * after the other could be run in one, while whoever waits for the loop waits for all of them.
 */
export class YieldingPgliteDialect extends PGliteDialect {
  readonly #listener: StatementListener | undefined;
  #writes = 0;

  constructor(config: ConstructorParameters<typeof PGliteDialect>[0], listener?: StatementListener) {
    super(config);
    this.#listener = listener;
  }

  /**
   * Counts the statements that may have changed something. There is one connection: who asks the database after having seen the count
   * sees what each counted statement has done, since that of an open transaction has the connection until it ends.
   */
  get writes(): number {
    return this.#writes;
  }

  override createAdapter(): PGliteAdapter {
    return new OneConnectionAdapter();
  }

  override createDriver(): Driver {
    const driver = super.createDriver();
    const one = createOneConnection();
    const acquire = driver.acquireConnection.bind(driver);
    const listening = new WeakSet<DatabaseConnection>();
    driver.acquireConnection = async (...options) => {
      const began = performance.now();
      await one.take();
      const connection = await acquire(...options);
      this.#listener?.onConnection(performance.now() - began);
      if (!listening.has(connection)) this.#listenTo(connection);
      listening.add(connection);
      return connection;
    };
    driver.releaseConnection = async () => one.giveBack();
    return driver;
  }

  #listenTo(connection: DatabaseConnection): void {
    const execute: DatabaseConnection["executeQuery"] = connection.executeQuery.bind(connection);
    connection.executeQuery = async (query, ...options) => {
      if (mayWrite(query.sql)) this.#writes += 1;
      const startedAt = performance.now();
      const result = await execute(query, ...options);
      const tookMs = performance.now() - startedAt;
      this.#listener?.onStatement(tookMs, query.sql);
      if (tookMs > sliceMs) await setImmediate();
      // `execute` gives what its caller has asked for.
      return result as never;
    };
  }
}

/** Kysely's own waiting for the only connection is without an order and an end: the driver above lends it instead. */
class OneConnectionAdapter extends PGliteAdapter {
  override get supportsMultipleConnections(): boolean {
    return true;
  }
}
