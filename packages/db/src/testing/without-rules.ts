import { sql } from "kysely";
import type { Database, DatabaseTransaction } from "../database.ts";

/** Writes as somebody could who has all rights on the database: no trigger and no foreign key is in the way. */
export async function withoutRules(
  db: Database,
  write: (trx: DatabaseTransaction) => Promise<void>,
): Promise<void> {
  await db.transaction().execute(async (trx) => {
    await sql`set local session_replication_role = replica`.execute(trx);
    await write(trx);
  });
}
