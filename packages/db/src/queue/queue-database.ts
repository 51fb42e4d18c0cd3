import { CompiledQuery, sql } from "kysely";
import type { Db } from "pg-boss";
import type { Database, DatabaseTransaction } from "../database.ts";
import { splitStatements } from "./split-statements.ts";

/** The schema of the queue's tables, which pg-boss keeps. */
export const queueSchema = "jobs";

/**
 * The application's database as pg-boss asks it: on a connection of its own each time, statement by statement, so that both
 * engines take it and that nothing of it runs within somebody else's transaction.
 */
export function queueDatabase(db: Database): Db {
  return {
    executeSql: (text, values) =>
      db.connection().execute(async (connection) => {
        try {
          return { rows: await execute(connection, text, values) };
        } catch (error) {
          // The text may have begun a transaction. Outside of one, this is a warning of the server's.
          await sql`rollback`.execute(connection).catch(() => {});
          throw error;
        }
      }),
  };
}

/** The same within a transaction: what is sent there is sent with everything else that it does, or not at all. */
export function queueTransaction(trx: DatabaseTransaction): Db {
  return { executeSql: async (text, values) => ({ rows: await execute(trx, text, values) }) };
}

/** PGlite takes one statement at a time; only text without values has several. */
async function execute(db: Database, text: string, values: readonly unknown[] = []): Promise<unknown[]> {
  const statements = values.length > 0 ? [text] : splitStatements(text);
  const rows: unknown[] = [];
  for (const statement of statements) {
    const result = await db.executeQuery(CompiledQuery.raw(statement, [...values]));
    rows.push(...result.rows);
  }
  return rows;
}
