import type { Database, DatabaseTransaction, NewRow, Row, Tables } from "@obsqra/db";
import { type TimePage, timeOrders } from "@obsqra/platform";

export type AuditEventRow = Row<Tables["audit_events"]>;

const columns = [
  "id",
  "user_id",
  "type",
  "occurred_at",
  "ip",
  "user_agent",
  "details",
  "salt",
  "hash_version",
  "personal_hash",
  "content_hash",
  "previous_hash",
  "hash",
] as const;

export async function insertAuditEvent(db: Database, row: NewRow<Tables["audit_events"]>): Promise<void> {
  await db.insertInto("audit_events").values(row).execute();
}

/** A user's events by time. */
export async function listAuditEvents(
  db: Database,
  page: TimePage & { readonly user_id: string; readonly type: string | undefined },
): Promise<AuditEventRow[]> {
  const { type, after } = page;
  const { direction, beyond } = timeOrders[page.sort];
  let query = selectEvents(db, page.user_id);
  if (type !== undefined) query = query.where("event.type", "=", type);
  if (after !== undefined) query = query.where("event.position", beyond, after);
  return query.orderBy("event.position", direction).limit(page.limit).execute();
}

/** A user's events after a position, in order. */
export async function listAuditEventsAfter(
  db: Database,
  page: { readonly user_id: string; readonly position: number; readonly limit: number },
): Promise<AuditEventRow[]> {
  return selectEvents(db, page.user_id)
    .where("event.position", ">", String(page.position))
    .orderBy("event.position")
    .limit(page.limit)
    .execute();
}

/** Erases what is personal in a user's events. The database refuses it unless the account is erased. */
export async function eraseAuditEvents(trx: DatabaseTransaction, userId: string): Promise<void> {
  await trx
    .updateTable("audit_events")
    .set({ ip: null, user_agent: null, details: "{}", salt: null })
    .where("user_id", "=", userId)
    .execute();
}

function selectEvents(db: Database, userId: string) {
  return (
    db
      .selectFrom("audit_events as event")
      .select(columns)
      // As text on both engines: PGlite gives a bigint as a number.
      .select(({ cast }) => cast<string>("event.position", "text").as("position"))
      .where("event.user_id", "=", userId)
  );
}
