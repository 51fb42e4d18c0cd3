import type { ModelWork } from "../predictions/models/model-work.ts";
import { forecastHere } from "./forecast-here.ts";
import { promoteAlways } from "./promote-always.ts";
import { trainOnce } from "./train-once.ts";

/** Trains once per panel, promotes every challenger, and forecasts in this thread. */
export function openTestWork(): ModelWork & AsyncDisposable {
  return {
    train: trainOnce,
    decide: promoteAlways,
    forecast: forecastHere,
    [Symbol.asyncDispose]: async () => {},
  };
}
