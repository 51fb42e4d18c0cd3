import type { Database } from "@obsqra/db";
import { type RawBuilder, sql } from "kysely";
import type { RetentionBatch } from "./retention-rule.ts";

/** Which rows of a table go. */
export interface ExpiredRows {
  readonly table: string;
  readonly key: string;
  readonly isOver: RawBuilder<unknown>;
}

/** Deletes a batch of rows, and returns how many. Another server may be deleting, too: it is left the rows that it holds. */
export async function deleteExpired(
  db: Database,
  rows: ExpiredRows,
  { limit }: Pick<RetentionBatch, "limit">,
): Promise<number> {
  const [table, key] = [sql.table(rows.table), sql.ref(rows.key)];
  const result = await sql`delete from ${table} where ${key} in
    (select ${key} from ${table} where ${rows.isOver} limit ${limit} for update skip locked)`.execute(db);
  return Number(result.numAffectedRows ?? 0);
}

/** Replies to keyed calls that are not replayed any more. */
export async function deleteExpiredReplies(db: Database, batch: RetentionBatch): Promise<number> {
  // Two columns make its key; the place of a row stays the same while it is locked.
  const rows = { table: "idempotency_keys", key: "ctid", isOver: sql`expires_at <= ${batch.before}` };
  return deleteExpired(db, rows, batch);
}

/** Counts of calls whose window is over. */
export async function deleteExpiredLimits(db: Database, batch: RetentionBatch): Promise<number> {
  const rows = { table: "rate_limits", key: "key", isOver: sql`expire <= ${batch.before.getTime()}` };
  return deleteExpired(db, rows, batch);
}

/** Figures that were cached for the next who asks. */
export async function deleteExpiredCacheEntries(db: Database, batch: RetentionBatch): Promise<number> {
  const rows = { table: "analytics_cache", key: "key", isOver: sql`expires_at <= ${batch.before}` };
  return deleteExpired(db, rows, batch);
}
