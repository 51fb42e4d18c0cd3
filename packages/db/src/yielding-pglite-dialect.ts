import { setImmediate } from "node:timers/promises";
import type { DatabaseConnection, Driver } from "kysely";
import { PGliteDialect } from "kysely";

/** A statement that has taken so long lets the event loop come round before what follows it. */
const sliceMs = 2;

/**
 * PGlite works on the thread that serves requests, and gives rows within the same round of the event loop: one long statement
 * after the other could be run in one, while whoever waits for the loop waits for all of them.
 */
export class YieldingPgliteDialect extends PGliteDialect {
  override createDriver(): Driver {
    const driver = super.createDriver();
    const acquire = driver.acquireConnection.bind(driver);
    const yielding = new WeakSet<DatabaseConnection>();
    driver.acquireConnection = async (...options) => {
      const connection = await acquire(...options);
      if (!yielding.has(connection)) makeYielding(connection);
      yielding.add(connection);
      return connection;
    };
    return driver;
  }
}

function makeYielding(connection: DatabaseConnection): void {
  const execute: DatabaseConnection["executeQuery"] = connection.executeQuery.bind(connection);
  connection.executeQuery = async (...statement) => {
    const startedAt = performance.now();
    const result = await execute(...statement);
    if (performance.now() - startedAt > sliceMs) await setImmediate();
    // `execute` gives what its caller has asked for.
    return result as never;
  };
}
