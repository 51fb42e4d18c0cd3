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

/** Notes what an operator wants; a run that was asked for already is not forgotten for a look. */
export async function requestJob(db: Database, job: string, request: "run" | "look"): Promise<void> {
  await db
    .insertInto("job_schedules")
    .values({ job, slot: null, paused_at: null, request })
    .onConflict((conflict) =>
      conflict
        .column("job")
        .doUpdateSet({ request: sql`case job_schedules.request when 'run' then 'run' else ${request} end` }),
    )
    .execute();
}

/** The jobs of which operators want something. */
export async function listRequestedJobs(db: Database): Promise<string[]> {
  const rows = await db.selectFrom("job_schedules").select("job").where("request", "is not", null).execute();
  return rows.map(({ job }) => job);
}

/** Takes what operators want of a job: of several processes, one. @returns undefined when there is nothing any more */
export async function takeRequest(
  trx: DatabaseTransaction,
  job: string,
): Promise<"run" | "look" | undefined> {
  const wanted = await trx
    .selectFrom("job_schedules")
    .select("request")
    .where("job", "=", job)
    .forUpdate()
    .executeTakeFirst();
  if (wanted === undefined || wanted.request === null) return undefined;
  await trx.updateTable("job_schedules").set({ request: null }).where("job", "=", job).execute();
  return wanted.request;
}

/** @param pausedAt null to go on */
export async function setPaused(db: Database, job: string, pausedAt: Date | null): Promise<void> {
  await db
    .insertInto("job_schedules")
    .values({ job, slot: null, paused_at: pausedAt })
    .onConflict((conflict) => conflict.column("job").doUpdateSet({ paused_at: pausedAt }))
    .execute();
}
