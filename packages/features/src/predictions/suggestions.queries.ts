import type { TimeOrder } from "@obsqra/contract";
import type { Database, DatabaseTransaction, NewRow, Row, Tables } from "@obsqra/db";
import { type FoundRows, listWithinBytes, timeOrders } from "@obsqra/platform";
import { sql } from "kysely";

export type NewSuggestionRow = NewRow<Tables["rebalance_suggestions"]>;
export type SuggestionRow = Pick<Row<Tables["rebalance_suggestions"]>, "id" | "allocation_bp" | "answer">;

const columns = ["id", "allocation_bp", "answer"] as const;

/** @returns what the owner had stored before; null when that was nothing */
export async function insertSuggestion(
  trx: DatabaseTransaction,
  row: NewSuggestionRow,
): Promise<string | null> {
  const { stored_bytes } = await trx
    .insertInto("rebalance_suggestions")
    .values(row)
    .returning(
      sql<string | null>`(select cast(bytes as text) from storage_use where owner_id = ${row.owner_id})`.as(
        "stored_bytes",
      ),
    )
    .executeTakeFirstOrThrow();
  return stored_bytes;
}

/** A user's suggestions by time, no more than fit into a page. */
export async function listSuggestions(
  db: Database,
  page: {
    readonly owner_id: string;
    readonly outcome: Row<Tables["rebalance_suggestions"]>["outcome"] | undefined;
    readonly sort: TimeOrder;
    readonly after: string | undefined;
    readonly limit: number;
  },
): Promise<FoundRows<SuggestionRow>> {
  const { owner_id, outcome, after } = page;
  const { direction, beyond } = timeOrders[page.sort];
  let query = db
    .withoutPlugins()
    .selectFrom("rebalance_suggestions")
    .select([...columns, "sequence as place", "answer_bytes as row_bytes"])
    .where("owner_id", "=", owner_id);
  if (outcome !== undefined) query = query.where("outcome", "=", outcome);
  if (after !== undefined) {
    query = query.where("sequence", beyond, ({ selectFrom }) =>
      selectFrom("rebalance_suggestions as last")
        .select("last.sequence")
        .where("last.id", "=", after)
        .where("last.owner_id", "=", owner_id),
    );
  }
  return listWithinBytes(
    db,
    query.orderBy("sequence", direction).limit(page.limit),
    sql`place ${sql.raw(direction)}`,
  );
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
