import type { Database, NewRow, Tables } from "@obsqra/db";

export async function insertAuditEvent(db: Database, row: NewRow<Tables["audit_events"]>): Promise<void> {
  await db.insertInto("audit_events").values(row).execute();
}
