import { findQueueSchema } from "@obsqra/db";
import { sql } from "kysely";
import { expect, it } from "vitest";
import { z } from "zod";
import { createTestPlatform } from "../../testing/index.ts";
import { defineJob } from "../job.ts";
import { runJobs } from "../run-jobs.ts";

// On Postgres another process may be at it; its heartbeat tells.
it("takes back what a process that has died was doing, however many runs there were before", async () => {
  await using platform = await createTestPlatform();
  const { db, clock, log } = platform.deps;
  const job = defineJob({
    name: "test.idle",
    summary: "Does nothing.",
    schema: z.strictObject({}),
    run: async () => undefined,
  });
  const run = () => runJobs({ db, clock, log, engine: "pglite", jobs: [job], deps: {}, tickMs: 5 });
  await (await run()).close();
  const table = sql.id(await findQueueSchema(db), "job");
  await sql`insert into ${table} (name, state, policy, completed_on)
      select 'test.idle', 'completed', 'stately', now() from generate_series(1, 1100)`.execute(db);
  await sql`insert into ${table} (name, state, policy, started_on, retry_limit, retry_delay)
      values ('test.idle', 'active', 'stately', now(), 5, 600)`.execute(db);
  await using _jobs = await run();
  const { rows } = await sql`select from ${table} where name = 'test.idle' and state = 'active'`.execute(db);
  expect(rows).toEqual([]);
});
