import type { Database, NewRow, Row, Tables } from "@obsqra/db";

export type SuggestionRow = Pick<Row<Tables["rebalance_suggestions"]>, "id" | "allocation_bp" | "answer">;

const columns = ["id", "allocation_bp", "answer"] as const;

export async function insertSuggestion(
  db: Database,
  row: NewRow<Tables["rebalance_suggestions"]>,
): Promise<void> {
  await db.insertInto("rebalance_suggestions").values(row).execute();
}

/** A user's suggestions, newest first. */
export async function listSuggestions(
  db: Database,
  page: { readonly user_id: string; readonly before: string | undefined; readonly limit: number },
): Promise<SuggestionRow[]> {
  const { before } = page;
  let query = db.selectFrom("rebalance_suggestions").select(columns).where("user_id", "=", page.user_id);
  if (before !== undefined) {
    query = query.where("sequence", "<", ({ selectFrom }) =>
      selectFrom("rebalance_suggestions as last").select("last.sequence").where("last.id", "=", before),
    );
  }
  return query.orderBy("sequence", "desc").limit(page.limit).execute();
}

export async function findSuggestion(
  db: Database,
  key: { readonly id: string; readonly user_id: string },
): Promise<SuggestionRow | undefined> {
  return db
    .selectFrom("rebalance_suggestions")
    .select(columns)
    .where("id", "=", key.id)
    .where("user_id", "=", key.user_id)
    .executeTakeFirst();
}
