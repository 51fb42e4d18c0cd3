import { runWorker, startWorker, stopOnSignal, thisProcess } from "@obsqra/server/worker";

process.exit(
  await startWorker(thisProcess, () => {
    // Longer than a server: a job that is under way finishes what it has begun.
    const stop = stopOnSignal(35_000, () => process.exit(1));
    return runWorker({ ...thisProcess, stop });
  }),
);
