import type { Database, DatabaseTransaction, Row, Tables } from "@obsqra/db";
import { sql } from "kysely";
import { latestMoment } from "../elapsed.ts";

/**
 * Takes a moment of a job's schedule: of several processes, one. A later moment that is taken already stays taken, unless it is
 * further ahead than clocks of servers may differ: then one was set back since.
 *
 * @returns false when it is taken, or the job is paused
 */
export async function takeSlot(
  trx: DatabaseTransaction,
  { job, slot, now }: { readonly job: string; readonly slot: Date; readonly now: Date },
): Promise<boolean> {
  const { rows } = await sql`
    insert into job_schedules as known (job, slot) values (${job}, ${slot})
    on conflict (job) do update set slot = excluded.slot
    where known.paused_at is null
      and (known.slot is null or known.slot < excluded.slot or known.slot > ${latestMoment(now)}::timestamptz)
    returning job`.execute(trx);
  return rows.length > 0;
}

export async function listSchedules(db: Database): Promise<Row<Tables["job_schedules"]>[]> {
  return db.selectFrom("job_schedules").selectAll().execute();
}

/** @param pausedAt null to go on */
export async function setPaused(db: Database, job: string, pausedAt: Date | null): Promise<void> {
  await db
    .insertInto("job_schedules")
    .values({ job, slot: null, paused_at: pausedAt })
    .onConflict((conflict) => conflict.column("job").doUpdateSet({ paused_at: pausedAt }))
    .execute();
}
