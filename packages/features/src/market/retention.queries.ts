import type { Database } from "@obsqra/db";
import type { RetentionBatch } from "@obsqra/platform";
import { type RawBuilder, sql } from "kysely";

/**
 * Deletes revisions that were replaced before then, counted back from the newest import of their source as well: where no import
 * comes any more, nothing is added, and nothing has to go. The database refuses to let go of others (migration 0025).
 */
export async function deleteOldRevisions(
  db: Database,
  { now, before, limit }: RetentionBatch,
): Promise<number> {
  // Import by import: a file may have replaced a million rows at once.
  const result = await sql`
    delete from market_history_revisions where (source, market_id, observed_at, replaced_by) in (
      select gone.source, gone.market_id, gone.observed_at, gone.replaced_by
      from market_imports as replacing cross join lateral (
        select source, market_id, observed_at, replaced_by from market_history_revisions
        where replaced_by = replacing.id limit ${limit} for update skip locked
      ) as gone
      where replacing.completed_at <= ${before}
        and replacing.completed_at <= ${newestImport(sql.ref("replacing.source"))} - (${now}::timestamptz - ${before}::timestamptz)
      limit ${limit})`.execute(db);
  return Number(result.numAffectedRows ?? 0);
}

/** When the newest import of a source was completed. */
function newestImport(source: RawBuilder<unknown>): RawBuilder<unknown> {
  return sql`(select newest.completed_at from market_imports as newest
    where newest.source = ${source} order by newest.sequence desc limit 1)`;
}
