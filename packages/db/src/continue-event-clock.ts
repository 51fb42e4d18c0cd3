import { sql } from "kysely";
import type { Database } from "./database.ts";

/**
 * Makes new events come after all those that are there, also when these were written in another cluster. A cluster gives
 * its transactions growing ids, and a dump that is restored into another one brings ids along that this one has not reached
 * yet: readers would wait very long for those events and skip new ones. A visible event whose id is not below the
 * snapshot's end cannot be of this cluster; that is how a restored dump is told.
 *
 * To be called before anything emits, at every start.
 */
export async function continueEventClock(db: Database): Promise<void> {
  if (!(await isClockBehind(db))) return;
  await db.transaction().execute(async (trx) => {
    // Whoever is writing events ends first, and whoever comes next takes the new offset.
    await sql`lock table events in exclusive mode`.execute(trx);
    await sql`update event_clock set transaction_offset = latest
      from (${latestTransaction}) as known where latest >= ${nextTransaction}`.execute(trx);
  });
}

async function isClockBehind(db: Database): Promise<boolean> {
  const { rows } = await sql<{ is_behind: boolean }>`
    select coalesce(latest >= ${nextTransaction}, false) as is_behind
    from event_clock, (${latestTransaction}) as known`.execute(db);
  return rows[0]?.is_behind ?? false;
}

const latestTransaction = sql`select greatest(
  (select max(transaction_id) from events), (select max(transaction_id) from event_readers)) as latest`;

const nextTransaction = sql`pg_snapshot_xmax(pg_current_snapshot())::text::bigint + transaction_offset`;
