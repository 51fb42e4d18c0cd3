import type { Database, DatabaseTransaction, NewRow, Row, Tables } from "@obsqra/db";
import { type FoundRows, listWithinBytes, type TimePage, timeOrders } from "@obsqra/platform";
import { sql } from "kysely";

export type NewSuggestionRow = NewRow<Tables["rebalance_suggestions"]>;
export type SuggestionRow = Pick<Row<Tables["rebalance_suggestions"]>, "id" | "allocation_bp" | "answer">;

const columns = ["id", "allocation_bp", "answer"] as const;

/**
 * Stores a suggestion, as long as every protocol has the status that it was made with.
 *
 * @returns what the owner had stored before, null when that was nothing; undefined when it is not stored, because somebody
 * has decided about a protocol meanwhile
 */
export async function insertSuggestion(
  trx: DatabaseTransaction,
  row: NewSuggestionRow,
  statuses: readonly Pick<Row<Tables["protocols"]>, "name" | "status">[],
): Promise<{ stored_bytes: string | null } | undefined> {
  const basis = JSON.stringify(Object.fromEntries(statuses.map(({ name, status }) => [name, status])));
  const { rows } = await sql<{ stored_bytes: string | null }>`
    insert into rebalance_suggestions (id, owner_id, outcome, allocation_bp, answer, created_at, due_at)
    select cast(${row.id} as uuid), cast(${row.owner_id} as uuid), ${row.outcome}, cast(${row.allocation_bp} as jsonb),
      cast(${row.answer} as jsonb), cast(${row.created_at} as timestamptz), cast(${row.due_at ?? null} as timestamptz)
    where cast(${basis} as jsonb) = (select jsonb_object_agg(name, status) from protocols)
    returning (
      select cast(bytes as text) from storage_use where owner_id = ${row.owner_id} for update
    ) as stored_bytes`.execute(trx);
  return rows[0];
}

/** A user's suggestions by time, no more than fit into a page. */
export async function listSuggestions(
  db: Database,
  page: TimePage & {
    readonly owner_id: string;
    readonly outcome: Row<Tables["rebalance_suggestions"]>["outcome"] | undefined;
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
