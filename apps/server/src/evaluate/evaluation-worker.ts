import { parentPort, workerData } from "node:worker_threads";
import {
  type AdviceEvaluation,
  type AdviceEvaluationOptions,
  createAdviser,
  type EvaluationOptions,
  type EvaluationReport,
  evaluateAdvice,
  evaluateForecasts,
  evaluateIlliquidity,
  type IlliquidityOptions,
  type IlliquidityReport,
  illiquidityHorizonDays,
  type MarketSeries,
  MlError,
  type MlErrorCode,
} from "@obsqra/ml";
import { riskScore } from "@obsqra/starknet";

/** What the worker is to do. Functions cannot be posted, so it brings the RiskEngine's arithmetic itself. */
export type EvaluationTask =
  | { readonly kind: "forecasts"; readonly options: Omit<EvaluationOptions, "scoreRisk" | UnpostableOption> }
  | { readonly kind: "illiquidity"; readonly options: Omit<IlliquidityOptions, UnpostableOption> }
  | {
      readonly kind: "advice";
      readonly options: Omit<AdviceEvaluationOptions, "scoreRisk" | "advise" | UnpostableOption>;
    };

/** What the worker is given. */
export interface EvaluationWorkerInput {
  readonly panel: readonly MarketSeries[];
  readonly task: EvaluationTask;
}

/** What the worker sends back: progress several times, then the report or why there is none. */
export type EvaluationWorkerMessage =
  | { readonly fraction: number; readonly step: string }
  | { readonly report: EvaluationReport | IlliquidityReport | AdviceEvaluation }
  | { readonly failure: { readonly code: MlErrorCode; readonly message: string } };

type UnpostableOption = "onProgress" | "signal";

try {
  post({ report: await evaluate(workerData as EvaluationWorkerInput) });
} catch (error) {
  if (!(error instanceof MlError)) throw error;
  post({ failure: { code: error.code, message: error.message } });
}

async function evaluate({
  panel,
  task,
}: EvaluationWorkerInput): Promise<EvaluationReport | IlliquidityReport | AdviceEvaluation> {
  const onProgress = (fraction: number, step = "walking forward") => post({ fraction, step });
  if (task.kind === "forecasts") {
    return evaluateForecasts(panel, { ...task.options, scoreRisk: riskScore, onProgress });
  }
  if (task.kind === "advice") {
    const { advise } = await createAdviser();
    return evaluateAdvice(panel, { ...task.options, scoreRisk: riskScore, advise, onProgress });
  }
  const report = evaluateIlliquidity(panel, { ...task.options, onProgress });
  if (report !== undefined) return report;
  throw new MlError(
    "NOT_ENOUGH_HISTORY",
    `No lending market has enough history for a forecast of its next ${illiquidityHorizonDays} days.`,
  );
}

function post(message: EvaluationWorkerMessage): void {
  parentPort?.postMessage(message);
}
