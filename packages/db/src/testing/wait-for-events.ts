import { sql } from "kysely";
import type { Database } from "../database.ts";

/**
 * Waits until readers get every event that is there. They go no further than the oldest transaction of the whole server, which may
 * be another test's; once an event is before all of them, it stays so.
 */
export async function waitForEvents(db: Database): Promise<void> {
  while (true) {
    const { rows } = await sql<{ is_settled: boolean | null }>`
      select max(transaction_id) < event_transactions_end() as is_settled from events`.execute(db);
    if (rows[0]?.is_settled !== false) return;
  }
}
