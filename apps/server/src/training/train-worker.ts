import { parentPort, workerData } from "node:worker_threads";
import { type MarketSeries, MlError, type TrainOptions, trainModels } from "@obsqra/ml";
import { riskScore } from "@obsqra/starknet";

/** What the worker is given. Functions cannot be posted, so it brings the RiskEngine's arithmetic itself. */
export interface TrainWorkerInput {
  readonly panel: readonly MarketSeries[];
  readonly options: Omit<TrainOptions, "scoreRisk" | "onProgress" | "signal">;
}

/** What the worker answers: progress several times, then the models or why there are none. */
export type TrainWorkerMessage =
  | { readonly progress: number }
  | { readonly trained: ReturnType<typeof trainModels> }
  | { readonly failure: { readonly code: string; readonly message: string } };

const { panel, options } = workerData as TrainWorkerInput;

function post(message: TrainWorkerMessage): void {
  parentPort?.postMessage(message);
}

try {
  const trained = trainModels(panel, {
    ...options,
    scoreRisk: riskScore,
    onProgress: (progress) => post({ progress }),
  });
  post({ trained });
} catch (error) {
  if (!(error instanceof MlError)) throw error;
  post({ failure: { code: error.code, message: error.message } });
}
