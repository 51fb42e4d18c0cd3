import type { Database, Row, Tables } from "@obsqra/db";

export type ProtocolRow = Pick<
  Row<Tables["protocols"]>,
  "name" | "display_name" | "kind" | "status" | "evidence_url"
>;

export async function listProtocols(db: Database): Promise<ProtocolRow[]> {
  return db
    .selectFrom("protocols")
    .select(["name", "display_name", "kind", "status", "evidence_url"])
    .orderBy("name")
    .execute();
}
