import cluster from "node:cluster";
import { UsageError } from "./commands/usage-error.ts";
import { runServer } from "./run-server.ts";
import { serveInProcesses, stopMessage } from "./serve-in-processes.ts";
import { readServerParameters, serverUsage } from "./server-parameters.ts";
import { stopOnSignal } from "./stop-on-signal.ts";
import { thisProcess } from "./this-process.ts";

const graceMs = 15_000;

process.exit(await start());

async function start(): Promise<number> {
  try {
    const { processes, isFirst } = readServerParameters(thisProcess.parameters);
    if (cluster.isWorker) {
      const stop = stopOnSignal(graceMs, () => process.exit(1), stopMessage);
      return await runServer({ ...thisProcess, stop }, { processes, isFirst });
    }
    if (processes === 1) {
      const stop = stopOnSignal(graceMs, () => process.exit(1));
      return await runServer({ ...thisProcess, stop });
    }
    // Longer than any of them takes.
    const stop = stopOnSignal(graceMs + 2_000, () => process.exit(1));
    return await serveInProcesses({ ...thisProcess, stop }, processes);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    thisProcess.complain(`${error.message}\n\n${serverUsage}`);
    return 2;
  }
}
