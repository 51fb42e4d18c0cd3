import { openDatabase } from "@obsqra/db";
import { listJobs } from "@obsqra/features";
import { getJobRuns, newestSlot } from "@obsqra/platform";
import { vi } from "vitest";

/** Waits until each job has run for its newest moment; gives the moments that were run more than once, over all time. */
export async function untilJobsRan(url: string, now: Date): Promise<readonly string[]> {
  const database = await openDatabase({ url });
  const twice: string[] = [];
  for (const { name, schedule } of listJobs(
    { name: "file:" },
    { hasChain: false, hasRiskEngine: false, hasLogAnchor: false },
  )) {
    if (schedule === undefined) continue;
    const newest = newestSlot(schedule, now)?.getTime();
    const readRuns = () => getJobRuns(database, name, 1_000);
    const hasRun = async () =>
      (await readRuns()).some(
        ({ scheduled_for, state }) => scheduled_for?.getTime() === newest && state === "completed",
      );
    // What was under way in a worker that was killed is taken back after a minute and a half.
    await vi.waitUntil(hasRun, { timeout: 200_000, interval: 200 });
    const slots = (await readRuns()).flatMap(({ scheduled_for }) => scheduled_for?.toISOString() ?? []);
    twice.push(
      ...slots.filter((slot, index) => slots.indexOf(slot) !== index).map((slot) => `${name} ${slot}`),
    );
  }
  await database.close();
  return twice;
}
