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

/** The statuses of some protocols, which nobody else changes before the transaction ends. */
export async function lockProtocolStatuses(
  trx: DatabaseTransaction,
  names: readonly string[],
): Promise<ProtocolStatusRow[]> {
  return trx
    .selectFrom("protocols")
    .select(columns)
    .where("name", "in", names)
    .orderBy("name")
    .forNoKeyUpdate()
    .execute();
}

/** The statuses of some protocols, with the decisions that gave them these. */
export async function listDecidedStatuses(
  db: Database,
  names: readonly string[],
): Promise<(ProtocolStatusRow & { readonly decision_id: string })[]> {
  return db
    .selectFrom("protocols")
    .innerJoinLateral(
      (query) =>
        query
          .selectFrom("protocol_statuses")
          .select("id as decision_id")
          .whereRef("protocol", "=", "protocols.name")
          .whereRef("decided_by", "=", "protocols.status_decided_by")
          .orderBy("sequence", "desc")
          .limit(1)
          .as("decision"),
      (join) => join.onTrue(),
    )
    .select([...columns, "decision_id"])
    .where("name", "in", names)
    .orderBy("name")
    .execute();
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
