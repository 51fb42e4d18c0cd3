import type { ModelWork } from "@obsqra/features";
import type { Environment } from "../env.ts";
import { type ModelThreadOptions, openModelThread } from "./model-thread.ts";

/** Makes training repeatable: the same data always gives the same model file. */
const trainingSeed = 1;

/** Opens a thread that trains, compares and forecasts as the environment configures it. */
export function openModelWork(
  {
    PREDICTION_WINDOW_DAYS,
    BACKTEST_WINDOW_DAYS,
  }: Pick<Environment, "PREDICTION_WINDOW_DAYS" | "BACKTEST_WINDOW_DAYS">,
  options: ModelThreadOptions,
): ModelWork & AsyncDisposable {
  const settings = {
    horizonDays: PREDICTION_WINDOW_DAYS,
    backtestDays: BACKTEST_WINDOW_DAYS,
    seed: trainingSeed,
  };
  const thread = openModelThread(options);
  return { ...thread, train: (panel) => thread.train(panel, settings) };
}
