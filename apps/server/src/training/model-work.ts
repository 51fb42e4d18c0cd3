import type { ModelWork } from "@obsqra/features";
import type { Environment } from "../env.ts";
import { type ModelProcessOptions, openModelProcess } from "./model-process.ts";

/** Makes training repeatable: the same data always gives the same model file. */
const trainingSeed = 1;

/** Opens a process that trains, compares and forecasts as the environment configures it. */
export function openModelWork(
  {
    PREDICTION_WINDOW_DAYS,
    BACKTEST_WINDOW_DAYS,
  }: Pick<Environment, "PREDICTION_WINDOW_DAYS" | "BACKTEST_WINDOW_DAYS">,
  options: ModelProcessOptions,
): ModelWork & AsyncDisposable {
  const settings = {
    horizonDays: PREDICTION_WINDOW_DAYS,
    backtestDays: BACKTEST_WINDOW_DAYS,
    seed: trainingSeed,
  };
  const work = openModelProcess(options);
  return { ...work, train: (panel) => work.train(panel, settings) };
}
