import { parentPort, workerData } from "node:worker_threads";
import type { ForestErrorCode } from "../errors.ts";
import { ForestError } from "../errors.ts";
import type { GradientBoostingOptions } from "../gradient-boosting.ts";
import { fitGradientBoosting } from "../gradient-boosting.ts";
import type { ForestModel } from "../model.ts";
import type { RandomForestOptions } from "../random-forest.ts";
import { fitRandomForest } from "../random-forest.ts";
import type { FitData } from "../training-data.ts";

/** What the thread is given. Functions cannot be posted. */
export type FitWorkerInput =
  | {
      readonly kind: "random-forest";
      readonly data: FitData;
      readonly options: Omit<RandomForestOptions, "onProgress">;
    }
  | {
      readonly kind: "gradient-boosting";
      readonly data: FitData;
      readonly options: Omit<GradientBoostingOptions, "onProgress">;
    };

/** What the thread sends back: progress several times, then the model or why there is none. */
export type FitWorkerMessage =
  | { readonly treesDone: number; readonly treeCount: number }
  | { readonly model: ForestModel }
  | { readonly failure: { readonly code: ForestErrorCode; readonly message: string } };

try {
  const model = fit(workerData as FitWorkerInput);
  const arrays = Object.values(model).filter((value) => ArrayBuffer.isView(value));
  parentPort?.postMessage(
    { model },
    arrays.map((array) => array.buffer as ArrayBuffer),
  );
} catch (error) {
  if (!(error instanceof ForestError)) throw error;
  post({ failure: { code: error.code, message: error.message } });
}

function fit(input: FitWorkerInput): ForestModel {
  return input.kind === "random-forest"
    ? fitRandomForest(input.data, { ...input.options, onProgress: postProgress })
    : fitGradientBoosting(input.data, { ...input.options, onProgress: postProgress });
}

/** At most a hundred messages, so that many small trees do not keep the other thread busy. */
function postProgress(treesDone: number, treeCount: number): void {
  const percent = (trees: number) => Math.floor((100 * trees) / treeCount);
  if (percent(treesDone) > percent(treesDone - 1)) post({ treesDone, treeCount });
}

function post(message: FitWorkerMessage): void {
  parentPort?.postMessage(message);
}
