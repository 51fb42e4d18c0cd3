import { startBackground } from "./background.ts";
import { backgroundJobs } from "./background-jobs.ts";
import type { Application } from "./open-application.ts";
import { runApplicationJobs } from "./server-jobs.ts";

/** Work for which no caller waits; it ends with `await using`. */
export interface Work extends AsyncDisposable {
  /** Lets what is running finish and starts nothing again. May be called twice. */
  close(): Promise<void>;
}

/** Starts the jobs, and what is done every few seconds: in a server, or in a worker. */
export async function startWork(application: Application): Promise<Work> {
  const background = startBackground(backgroundJobs(application), { log: application.logger });
  try {
    const jobs = await runApplicationJobs(application);
    const close = async () => void (await Promise.all([background.close(), jobs.close()]));
    return { close, [Symbol.asyncDispose]: close };
  } catch (error) {
    await background.close();
    throw error;
  }
}
