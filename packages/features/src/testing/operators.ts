import { findQueueSchema } from "@obsqra/db";
import { sql } from "kysely";
import type { TestApi } from "./create-test-api.ts";

type Deps = Pick<TestApi["deps"], "db" | "clock">;

/** Gives a user, or everybody, the rights of an operator, without a trace in the audit log. */
export async function makeOperator({ db, clock }: Deps, who: string | "everybody"): Promise<void> {
  const change = db.updateTable("users").set({ operator_since: clock() }).where("operator_since", "is", null);
  await (who === "everybody" ? change : change.where("id", "=", who)).execute();
}

/** Puts runs into the queue as if they had been: one that is done, one that has failed. Always the same, moments included. */
export async function addJobRuns(
  { db }: Pick<Deps, "db">,
  { name = "market.refresh", onlyFailed = false } = {},
): Promise<void> {
  const schema = await findQueueSchema(db);
  const [queue, job] = [sql.id(schema, "queue"), sql.id(schema, "job")];
  await sql`insert into ${queue} (name, policy, retry_limit, retry_delay, retry_backoff, expire_seconds, retention_seconds,
      deletion_seconds, partition, table_name)
    values (${name}, 'stately', 5, 10, true, 900, 604800, 604800, false, 'job_common')
    on conflict do nothing`.execute(db);
  for (const [id, minute, state, output] of runs) {
    if (onlyFailed && state !== "failed") continue;
    const at = sql`timestamptz '2026-01-15T11:07:00Z' + ${minute} * interval '1 minute'`;
    await sql`insert into ${job} (id, name, state, policy, data, created_on, start_after, started_on, completed_on, output)
      values (${id}, ${name}, ${sql.raw(`'${state}'`)}, 'stately', '{"scheduled_for":"2026-01-15T11:07:00.000Z"}', ${at},
        ${at}, ${at} + interval '1 second', ${at} + interval '4.2 seconds', ${JSON.stringify(output)})
      on conflict do nothing`.execute(db);
  }
}

const runs = [
  [
    "019bc186-de00-7000-8000-a19af8b2bb01",
    0,
    "failed",
    { message: "yields.llama.fi responded with status 503.", stack: "Error: …" },
  ],
  [
    "019bc186-de00-7000-8000-a19af8b2bb02",
    60,
    "completed",
    { outcome: "imported", observed_until: "2026-01-15T00:00:00.000Z" },
  ],
] as const;
