import type { Database, NewRow, Tables } from "@obsqra/db";

export async function insertEmail(db: Database, row: NewRow<Tables["email_outbox"]>): Promise<void> {
  await db.insertInto("email_outbox").values(row).execute();
}
