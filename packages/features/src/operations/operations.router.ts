import { contract } from "@obsqra/contract";
import { mutation, query, router } from "../trpc.ts";
import {
  acceptMarketFeed,
  getJobs,
  listJobRuns,
  pauseOneJob,
  resumeJob,
  retryOneJob,
  runJob,
} from "./operations.service.ts";

const { operations } = contract;

export const operationsRouter = router({
  jobs: query(operations.jobs, getJobs),
  job_runs: query(operations.job_runs, listJobRuns),
  run_job: mutation(operations.run_job, runJob),
  accept_market_feed: mutation(operations.accept_market_feed, acceptMarketFeed),
  retry_job: mutation(operations.retry_job, retryOneJob),
  pause_job: mutation(operations.pause_job, pauseOneJob),
  resume_job: mutation(operations.resume_job, resumeJob),
});
