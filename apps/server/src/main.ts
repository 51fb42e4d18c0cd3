import cluster from "node:cluster";
import { runServer } from "./run-server.ts";
import { serveInProcesses, stopMessage } from "./serve-in-processes.ts";
import { type ServerParameters, startServer } from "./server-parameters.ts";
import { stopOnSignal } from "./stop-on-signal.ts";
import { thisProcess } from "./this-process.ts";

const graceMs = 15_000;

process.exit(await startServer(thisProcess, start));

async function start({ processes, isFirst }: ServerParameters): Promise<number> {
  if (cluster.isWorker) {
    const stop = stopOnSignal(graceMs, () => process.exit(1), stopMessage);
    return runServer({ ...thisProcess, stop }, { processes, isFirst });
  }
  if (processes === 1) {
    const stop = stopOnSignal(graceMs, () => process.exit(1));
    return runServer({ ...thisProcess, stop });
  }
  // Longer than any of them takes.
  const stop = stopOnSignal(graceMs + 2_000, () => process.exit(1));
  return serveInProcesses({ ...thisProcess, stop }, processes);
}
