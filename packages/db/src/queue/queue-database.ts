import { CompiledQuery, type QueryExecutorProvider, sql } from "kysely";
import type { Db } from "pg-boss";
import type { Database, DatabaseTransaction } from "../database.ts";
import { splitStatements } from "./split-statements.ts";

/**
 * The schema of the queue's tables, which pg-boss keeps. It stands beside the application's and is named after it, so that two
 * applications in one database have a queue each.
 */
export async function findQueueSchema(db: QueryExecutorProvider): Promise<string> {
  const { rows } = await sql<{ name: string }>`select ${queueSchemaName} as name`.execute(db);
  const [schema] = rows;
  if (schema === undefined) throw new Error("A statement that always gives a row gave none.");
  return schema.name;
}

/** Its name, as an expression of SQL. */
const queueSchemaName = sql.raw("current_schema() || '_jobs'");

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
