import { z } from "zod";
import { defineEndpoint } from "../endpoints/endpoint.ts";
import { job, jobInput, jobRuns, jobs, listJobRunsInput, listJobsInput } from "./operations.schema.ts";

export const operationsEndpoints = {
  jobs: defineEndpoint({
    kind: "query",
    access: "operations:read",
    rest: { method: "GET", path: "/operations/jobs", status: 200 },
    summary:
      "What the service does in the background: when each job runs next, and what came of its newest run",
    description: "By name.",
    input: listJobsInput,
    output: jobs,
    errors: ["CURSOR_INVALID"],
  }),
  job_runs: defineEndpoint({
    kind: "query",
    access: "operations:read",
    rest: { method: "GET", path: "/operations/job-runs", status: 200 },
    summary: "Runs of jobs, with how long they took and what came of them",
    description: "Newest first; of the last seven days.",
    input: listJobRunsInput,
    output: jobRuns,
    errors: ["CURSOR_INVALID", "JOB_NOT_FOUND"],
  }),
  run_job: defineEndpoint({
    kind: "mutation",
    access: "operations:write",
    rest: { method: "POST", path: "/operations/jobs/:job/run", status: 200 },
    summary: "Have a job run now",
    description:
      "A server or worker that runs jobs sends it within about five seconds, whether its schedule is paused or not. One that waits already is not sent once more.",
    input: jobInput,
    output: job,
    errors: ["JOB_NOT_FOUND"],
  }),
  accept_market_feed: defineEndpoint({
    kind: "mutation",
    access: "operations:write",
    rest: { method: "POST", path: "/operations/market-feed/accept", status: 200 },
    summary:
      "Have what the market source has taken as it is, though it is refused or some of its markets are left out",
    description:
      "Has market.refresh run now. It takes once what it would judge: what follows is judged beside what was taken. The result of the newest run of market.refresh says what is refused and why, and GET /ready which markets are left out.",
    input: z.undefined(),
    output: job,
    errors: [],
  }),
  retry_job: defineEndpoint({
    kind: "mutation",
    access: "operations:write",
    rest: { method: "POST", path: "/operations/jobs/:job/retry", status: 200 },
    summary: "Let a run that has failed, and waits to be repeated, begin at once",
    description: "Where none waits, nothing happens; newest_run tells.",
    input: jobInput,
    output: job,
    errors: ["JOB_NOT_FOUND"],
  }),
  pause_job: defineEndpoint({
    kind: "mutation",
    access: "operations:write",
    rest: { method: "POST", path: "/operations/jobs/:job/pause", status: 200 },
    summary: "Stop a job from running by its schedule",
    description: "What is under way goes on, and other jobs and operators can still have it run.",
    input: jobInput,
    output: job,
    errors: ["JOB_NOT_FOUND"],
  }),
  resume_job: defineEndpoint({
    kind: "mutation",
    access: "operations:write",
    rest: { method: "POST", path: "/operations/jobs/:job/resume", status: 200 },
    summary: "Follow the schedule of a job again",
    description: "Of the moments that were missed, the newest is made up for.",
    input: jobInput,
    output: job,
    errors: ["JOB_NOT_FOUND"],
  }),
} as const;
