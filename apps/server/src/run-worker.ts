import { describeOutbox } from "./email/create-mailer.ts";
import { EnvironmentError } from "./env.ts";
import { explainStartError } from "./explain-start-error.ts";
import { assertMetricsPortIsFree, openMetrics, serveMetrics } from "./metrics/open-metrics.ts";
import { openApplication } from "./open-application.ts";
import { createConsole } from "./progress.ts";
import type { ServerPlace } from "./run-server.ts";
import { startWork } from "./start-work.ts";

/**
 * Runs the jobs and delivers the mail of servers that leave both to it (`JOBS=elsewhere`), until it is asked to stop, and says
 * why when it cannot start. It serves nobody and listens to nothing. Several may run at once, and beside servers with jobs of
 * their own.
 *
 * @returns the exit code
 */
export async function runWorker({ readEnvironment, write, complain, stop }: ServerPlace): Promise<number> {
  try {
    const env = readEnvironment();
    if (env.DATABASE_URL === undefined) {
      throw new EnvironmentError([
        "DATABASE_URL: set it, because a worker shares a Postgres with servers; with the embedded database the server runs the jobs itself",
      ]);
    }
    const console = createConsole(write);
    await assertMetricsPortIsFree(env);
    const metrics = await openMetrics(env);
    await using application = await openApplication(env, {
      console,
      signal: stop.signal,
      metrics,
      serviceName: "obsqra-worker",
    });
    await using _scraped = await serveMetrics(application, { watchesService: true, isMember: false });
    await using work = await startWork(application);
    console.line("");
    const outbox = describeOutbox(env);
    if (outbox !== undefined) console.line(outbox);
    console.line("Running jobs and delivering mail. Press Ctrl-C to stop.");
    await stop.requested;
    console.line("Stopping: finishing the jobs that are under way.");
    await work.close();
    return 0;
  } catch (error) {
    // A start that is interrupted has not failed.
    if (stop.signal.aborted) return 0;
    complain(`${explainStartError(error)}\n`);
    return 1;
  }
}
