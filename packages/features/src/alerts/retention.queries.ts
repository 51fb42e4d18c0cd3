import type { Database } from "@obsqra/db";
import { deleteExpired, type RetentionBatch } from "@obsqra/platform";
import { sql } from "kysely";

/** Alerts that were told, or withdrawn. */
export async function deleteOldAlerts(db: Database, batch: RetentionBatch): Promise<number> {
  const isOver = sql`not waits and created_at <= ${batch.before}`;
  return deleteExpired(db, { table: "alerts", key: "id", isOver }, batch);
}
