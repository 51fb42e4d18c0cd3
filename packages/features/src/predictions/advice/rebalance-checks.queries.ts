import type { Database, DatabaseTransaction, Row, Tables } from "@obsqra/db";
import { sql } from "kysely";

/** An owner whose holdings are to be checked. */
export interface DueOwnerRow {
  readonly owner_id: string;
  readonly plan: Row<Tables["users"]>["plan"];
  readonly preferences: unknown;
  /** When the owner was told something last without having asked. */
  readonly suggested_at: Date | null;
  /** What that was, in basis points. */
  readonly suggested_bp: Readonly<Record<string, number>> | null;
  /** When what the owner holds changed last. */
  readonly held_since: Date;
}

/**
 * Owners who hold something, have asked to be told, and were not checked against the forecasts of an import yet, in the order of
 * their ids.
 */
export async function listDueOwners(
  db: Database,
  page: { readonly importId: string; readonly after: string | undefined; readonly limit: number },
): Promise<DueOwnerRow[]> {
  const { rows } = await sql<DueOwnerRow>`
    select users.id as owner_id, users.plan, users.preferences, told.suggested_at,
      (select allocation_bp from rebalance_suggestions where id = told.suggestion_id) as suggested_bp,
      held.created_at as held_since
    from users
    join lateral (
      select created_at from allocation_history where owner_id = users.id order by sequence desc limit 1
    ) as held on true
    left join rebalance_checks as told on told.owner_id = users.id
    where users.preferences @> '{"auto_rebalance_enabled": true}'
      and users.erased_at is null and users.erase_after is null
      and told.import_id is distinct from ${page.importId}
      and ${page.after === undefined ? sql`true` : sql`users.id > ${page.after}`}
    order by users.id limit ${page.limit}`.execute(db);
  return rows;
}

/**
 * Notes that an owner was checked against the forecasts of an import: of several who do so, one.
 *
 * @returns false when it is noted already
 */
export async function takeCheck(
  trx: DatabaseTransaction,
  check: { readonly owner_id: string; readonly import_id: string; readonly checked_at: Date },
): Promise<boolean> {
  const taken = await trx
    .insertInto("rebalance_checks")
    .values({ ...check, suggestion_id: null, suggested_at: null })
    .onConflict((conflict) =>
      conflict
        .column("owner_id")
        .doUpdateSet({ import_id: check.import_id, checked_at: check.checked_at })
        .where("rebalance_checks.import_id", "<>", check.import_id),
    )
    .returning("owner_id")
    .executeTakeFirst();
  return taken !== undefined;
}

/** Notes what an owner was told. */
export async function noteSuggestion(
  trx: DatabaseTransaction,
  told: { readonly owner_id: string; readonly suggestion_id: string; readonly suggested_at: Date },
): Promise<void> {
  await trx
    .updateTable("rebalance_checks")
    .set({ suggestion_id: told.suggestion_id, suggested_at: told.suggested_at })
    .where("owner_id", "=", told.owner_id)
    .execute();
}
