// What apps/worker is made of: nothing else of the server is for others.
export { runWorker } from "./run-worker.ts";
export { startWorker } from "./server-parameters.ts";
export { stopOnSignal } from "./stop-on-signal.ts";
export { thisProcess } from "./this-process.ts";
