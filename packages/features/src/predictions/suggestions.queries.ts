import type { TimeOrder } from "@obsqra/contract";
import type { Database, DatabaseTransaction, NewRow, Row, Tables } from "@obsqra/db";
import { timeOrders } from "@obsqra/platform";

export type NewSuggestionRow = NewRow<Tables["rebalance_suggestions"]>;
export type SuggestionRow = Pick<Row<Tables["rebalance_suggestions"]>, "id" | "allocation_bp" | "answer">;

const columns = ["id", "allocation_bp", "answer"] as const;

export async function insertSuggestion(trx: DatabaseTransaction, row: NewSuggestionRow): Promise<void> {
  await trx.insertInto("rebalance_suggestions").values(row).execute();
}

/** A user's suggestions by time. */
export async function listSuggestions(
  db: Database,
  page: {
    readonly owner_id: string;
    readonly outcome: Row<Tables["rebalance_suggestions"]>["outcome"] | undefined;
    readonly sort: TimeOrder;
    readonly after: string | undefined;
    readonly limit: number;
  },
): Promise<SuggestionRow[]> {
  const { owner_id, outcome, after } = page;
  const { direction, beyond } = timeOrders[page.sort];
  let query = db.selectFrom("rebalance_suggestions").select(columns).where("owner_id", "=", owner_id);
  if (outcome !== undefined) query = query.where("outcome", "=", outcome);
  if (after !== undefined) {
    query = query.where("sequence", beyond, ({ selectFrom }) =>
      selectFrom("rebalance_suggestions as last")
        .select("last.sequence")
        .where("last.id", "=", after)
        .where("last.owner_id", "=", owner_id),
    );
  }
  return query.orderBy("sequence", direction).limit(page.limit).execute();
}

export async function findSuggestion(
  db: Database,
  key: { readonly id: string; readonly owner_id: string },
): Promise<SuggestionRow | undefined> {
  return db
    .selectFrom("rebalance_suggestions")
    .select(columns)
    .where("id", "=", key.id)
    .where("owner_id", "=", key.owner_id)
    .executeTakeFirst();
}
