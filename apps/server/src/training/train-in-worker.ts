import { Worker } from "node:worker_threads";
import type { MarketSeries, MlErrorCode, TrainedModels } from "@obsqra/ml";
import { MlError } from "@obsqra/ml";
import type { TrainWorkerInput, TrainWorkerMessage } from "./train-worker.ts";

/**
 * Trains in a thread of its own, so that this one goes on answering. An abort ends the thread at once.
 *
 * @param onProgress called with the share of the work done, 0 to 1
 * @throws MlError as `trainModels` does; the signal's reason when it aborts
 */
export async function trainInWorker(
  panel: readonly MarketSeries[],
  options: TrainWorkerInput["options"],
  { onProgress, signal }: { onProgress: (fraction: number) => void; signal: AbortSignal },
): Promise<TrainedModels> {
  signal.throwIfAborted();
  const workerData: TrainWorkerInput = { panel, options };
  const worker = new Worker(new URL("./train-worker.ts", import.meta.url), { workerData });
  const stop = () => void worker.terminate();
  signal.addEventListener("abort", stop, { once: true });
  try {
    return await new Promise<TrainedModels>((resolve, reject) => {
      worker.on("message", (message: TrainWorkerMessage) => {
        if ("progress" in message) onProgress(message.progress);
        else if ("trained" in message) resolve(message.trained);
        else reject(new MlError(message.failure.code as MlErrorCode, message.failure.message));
      });
      worker.on("error", reject);
      worker.on("exit", () =>
        reject(signal.aborted ? signal.reason : new Error("The training thread ended early.")),
      );
    });
  } finally {
    signal.removeEventListener("abort", stop);
    await worker.terminate();
  }
}
