import { Worker } from "node:worker_threads";
import type { AdviceEvaluation, EvaluationReport, IlliquidityReport } from "@obsqra/ml";
import { type MarketSeries, MlError } from "@obsqra/ml";
import type { EvaluationTask, EvaluationWorkerInput, EvaluationWorkerMessage } from "./evaluation-worker.ts";

/** How a caller follows, or stops, an evaluation. */
export interface EvaluationControl {
  /** Called with the share of the work done, 0 to 1, and what is being done. */
  readonly onProgress: (fraction: number, step: string) => void;
  readonly signal: AbortSignal;
}

interface Reports {
  readonly forecasts: EvaluationReport;
  readonly illiquidity: IlliquidityReport;
  readonly advice: AdviceEvaluation;
}

type ReportOf<TTask extends EvaluationTask> = Reports[TTask["kind"]];

/**
 * Evaluates in a thread of its own, so that this one can show progress and be interrupted. An abort ends the thread at
 * once.
 *
 * @throws MlError as `evaluateForecasts`, `evaluateIlliquidity` and `evaluateAdvice` do; the signal's reason when it aborts
 */
export async function evaluateInWorker<TTask extends EvaluationTask>(
  panel: readonly MarketSeries[],
  task: TTask,
  { onProgress, signal }: EvaluationControl,
): Promise<ReportOf<TTask>> {
  signal.throwIfAborted();
  const workerData: EvaluationWorkerInput = { panel, task };
  const worker = new Worker(new URL("./evaluation-worker.ts", import.meta.url), { workerData });
  const outcome = Promise.withResolvers<ReportOf<TTask>>();
  worker.on("message", (message: EvaluationWorkerMessage) => {
    // Safe: the worker sends the report of the task that it was given.
    if ("report" in message) outcome.resolve(message.report as ReportOf<TTask>);
    else if ("failure" in message) outcome.reject(new MlError(message.failure.code, message.failure.message));
    else onProgress(message.fraction, message.step);
  });
  worker.on("error", outcome.reject);
  worker.on("exit", () => outcome.reject(new Error("The evaluation's thread ended early.")));
  const stop = () => outcome.reject(signal.reason);
  signal.addEventListener("abort", stop, { once: true });
  try {
    return await outcome.promise;
  } finally {
    signal.removeEventListener("abort", stop);
    await worker.terminate();
  }
}
