import { sql } from "kysely";
import type { Database } from "../database.ts";

/** Runs a statement as it is written, for what only tests do, such as making roles. */
export async function runSql(db: Database, text: string): Promise<void> {
  await sql.raw(text).execute(db);
}
