import { Worker } from "node:worker_threads";
import { ForestError } from "../errors.ts";
import type { GradientBoostingOptions } from "../gradient-boosting.ts";
import type { ForestModel } from "../model.ts";
import type { RandomForestOptions } from "../random-forest.ts";
import type { FitData } from "../training-data.ts";
import type { FitWorkerInput, FitWorkerMessage } from "./fit-worker.ts";

/** How to stop a fit in a worker thread. */
export interface AbortOptions {
  /** Ends the fit at once, in the middle of a tree if need be. */
  readonly signal?: AbortSignal;
}

/**
 * Fits the same model as `fitRandomForest`, to the last byte, in a thread of its own, so that this one stays
 * responsive. `onProgress` is called here, after every tree or every hundredth of the trees, whichever is less often.
 *
 * The data is copied into the thread, which takes this one about half a millisecond per MB; arrays on a
 * SharedArrayBuffer are shared instead and must not change meanwhile. The model comes back without a copy. The thread is gone once the
 * promise is settled.
 *
 * @throws ForestError as `fitRandomForest`; `ABORTED`, with the signal's reason as its cause, when the signal aborts
 * @example await fitRandomForestInWorker(data, { seed: 1, signal: AbortSignal.timeout(60_000) })
 */
export function fitRandomForestInWorker(
  data: FitData,
  { signal, onProgress, ...options }: RandomForestOptions & AbortOptions,
): Promise<ForestModel> {
  return fitInWorker({ kind: "random-forest", data, options }, onProgress, signal);
}

/**
 * Fits the same model as `fitGradientBoosting` in a thread of its own; all else is as for `fitRandomForestInWorker`.
 *
 * @throws ForestError as `fitGradientBoosting`; `ABORTED`, with the signal's reason as its cause, when the signal aborts
 */
export function fitGradientBoostingInWorker(
  data: FitData,
  { signal, onProgress, ...options }: GradientBoostingOptions & AbortOptions,
): Promise<ForestModel> {
  return fitInWorker({ kind: "gradient-boosting", data, options }, onProgress, signal);
}

async function fitInWorker(
  workerData: FitWorkerInput,
  onProgress: RandomForestOptions["onProgress"],
  signal: AbortSignal | undefined,
): Promise<ForestModel> {
  if (signal?.aborted) throw abortedError(signal);
  const worker = new Worker(new URL("./fit-worker.ts", import.meta.url), { workerData });
  const { promise, resolve, reject } = Promise.withResolvers<ForestModel>();
  const abort = () => signal && reject(abortedError(signal));
  signal?.addEventListener("abort", abort, { once: true });
  worker.on("message", (message: FitWorkerMessage) => {
    if ("model" in message) resolve(Object.freeze(message.model));
    else if ("failure" in message) reject(new ForestError(message.failure.code, message.failure.message));
    else callProgress(message.treesDone, message.treeCount);
  });
  worker.on("error", reject);
  worker.on("exit", () => reject(new Error("The training thread ended early.")));
  function callProgress(treesDone: number, treeCount: number): void {
    try {
      onProgress?.(treesDone, treeCount);
    } catch (error) {
      // As in a fit without a worker, it ends the fit; left alone, it would end the process.
      reject(error);
    }
  }
  try {
    return await promise;
  } finally {
    signal?.removeEventListener("abort", abort);
    await worker.terminate();
  }
}

function abortedError(signal: AbortSignal): ForestError {
  return new ForestError("ABORTED", "the fit was aborted", { cause: signal.reason });
}
