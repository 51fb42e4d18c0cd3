import { runWorker, stopOnSignal, thisProcess } from "@obsqra/server/worker";

// Longer than a server: a job that is under way finishes what it has begun.
const stop = stopOnSignal(35_000, () => process.exit(1));
process.exit(await runWorker({ ...thisProcess, stop }));
