import { z } from "zod";
import { nextCursor, pageFields, timestamp } from "../common/common.schema.ts";
import { storedJsonObject } from "../common/json-object.ts";
import { whole } from "../figures/figures.ts";

/** Name of a job. */
const jobName = z
  .string()
  .regex(/^[a-z][a-z_]{0,31}\.[a-z][a-z_]{0,31}$/, "use the name of a job, such as market.refresh")
  .describe("Name of a job, such as market.refresh")
  .meta({ examples: ["market.refresh"] });

/** One run of a job. */
export const jobRun = z
  .object({
    id: z.uuid(),
    job: z.string(),
    state: z
      .enum(["waiting", "running", "done", "failed", "to_be_repeated", "cancelled"])
      .describe(
        "failed: after all its repetitions; to_be_repeated: it has failed and is tried again at starts_after",
      ),
    scheduled_for: timestamp
      .nullable()
      .describe("The moment of the schedule that it was sent for; null where somebody has asked for it"),
    sent_at: timestamp,
    starts_after: timestamp.describe("When it may begin"),
    started_at: timestamp.nullable().describe("Of its newest attempt"),
    ended_at: timestamp.nullable(),
    duration_ms: whole("milliseconds").min(0).nullable().describe("How long its newest attempt took"),
    repeated: whole("attempts").min(0).describe("How often it was tried again"),
    result: storedJsonObject.nullable().describe("What came of it"),
    error: z.string().nullable().describe("Why its newest attempt failed; the log has more"),
  })
  .meta({ id: "JobRun" });
export type JobRun = z.output<typeof jobRun>;

/** What the service does without being called, and how that goes. */
export const job = z
  .object({
    name: z.string(),
    summary: z.string().describe("What it does"),
    schedule: z
      .string()
      .nullable()
      .describe("Cron expression in UTC; null where it only runs when it is asked to"),
    next_at: timestamp
      .nullable()
      .describe("The next moment of its schedule; null where it has none or is paused"),
    paused_at: timestamp.nullable().describe("Since when its schedule is not followed; null while it is"),
    is_late: z
      .boolean()
      .describe(
        "A moment of its schedule is five minutes past and nobody has taken it: no server or worker runs jobs",
      ),
    is_requested: z.boolean().describe("A run was asked for, and is not sent yet"),
    newest_run: jobRun.nullable(),
  })
  .meta({ id: "Job" });
export type Job = z.output<typeof job>;

export const listJobsInput = z.object(pageFields).meta({ id: "ListJobsInput" }).prefault({});
export type ListJobsInput = z.output<typeof listJobsInput>;

export const jobs = z.object({ items: z.array(job), next_cursor: nextCursor }).meta({ id: "Jobs" });
export type Jobs = z.output<typeof jobs>;

export const listJobRunsInput = z
  .object({ job: jobName.optional().describe("Only its runs"), ...pageFields })
  .meta({ id: "ListJobRunsInput" })
  .prefault({});
export type ListJobRunsInput = z.output<typeof listJobRunsInput>;

export const jobRuns = z.object({ items: z.array(jobRun), next_cursor: nextCursor }).meta({ id: "JobRuns" });
export type JobRuns = z.output<typeof jobRuns>;

export const jobInput = z.object({ job: jobName }).meta({ id: "JobInput" });
export type JobInput = z.output<typeof jobInput>;
