import type { Database, DatabaseTransaction, NewRow, Row, Tables } from "@obsqra/db";

export type ProtocolStatusRow = Pick<
  Row<Tables["protocols"]>,
  "name" | "status" | "status_since" | "evidence_url" | "status_decided_by"
>;
export type StatusDecisionRow = Omit<Row<Tables["protocol_statuses"]>, "sequence">;

const columns = ["name", "status", "status_since", "evidence_url", "status_decided_by"] as const;

/** The status of every protocol, by name. */
export async function listProtocolStatuses(db: Database): Promise<ProtocolStatusRow[]> {
  return db.selectFrom("protocols").select(columns).orderBy("name").execute();
}

/** The status of a protocol, which nobody else changes before the transaction ends. */
export async function lockProtocolStatus(
  trx: DatabaseTransaction,
  name: string,
): Promise<ProtocolStatusRow | undefined> {
  return trx
    .selectFrom("protocols")
    .select(columns)
    .where("name", "=", name)
    .forNoKeyUpdate()
    .executeTakeFirst();
}

/** Adds a decision; the database applies it to the protocol. */
export async function insertStatusDecision(
  trx: DatabaseTransaction,
  row: NewRow<Tables["protocol_statuses"]>,
): Promise<void> {
  await trx.insertInto("protocol_statuses").values(row).execute();
}

/** What was decided about a protocol, newest first. */
export async function listStatusDecisions(db: Database, protocol: string): Promise<StatusDecisionRow[]> {
  return db
    .selectFrom("protocol_statuses")
    .select([
      "id",
      "protocol",
      "decided_by",
      "status",
      "status_since",
      "evidence_url",
      "reason",
      "decided_at",
    ])
    .where("protocol", "=", protocol)
    .orderBy("sequence", "desc")
    .execute();
}
