import type { Database } from "@obsqra/db";
import { deleteExpired, type RetentionBatch } from "@obsqra/platform";
import { sql } from "kysely";

/** Deliveries that ended before then, with their attempts; and those that a paused webhook has held back since then. */
export async function deleteOldDeliveries(db: Database, batch: RetentionBatch): Promise<number> {
  const isOver = sql`coalesce(ended_at, created_at) <= ${batch.before}`;
  return deleteExpired(db, { table: "webhook_deliveries", key: "id", isOver }, batch);
}

/** Secrets that sign nothing any more. */
export async function dropPreviousSecrets(db: Database, { before, limit }: RetentionBatch): Promise<number> {
  const result = await sql`
    update webhooks set previous_secret_sealed = null, previous_secret_expires_at = null
    where id in (select id from webhooks where previous_secret_expires_at <= ${before} limit ${limit}
      for no key update skip locked)`.execute(db);
  return Number(result.numAffectedRows ?? 0);
}
