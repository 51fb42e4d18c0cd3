import { at } from "../numbers.ts";
import { exponentialMean, trailingMean, trailingMedian } from "../panel/rolling.ts";

/** The naive forecasts every model has to beat, in their canonical order. */
export const baselineNames = [
  "last_value",
  "mean_7d",
  "ewma_half_life_5d",
  "mean_30d",
  "median_30d",
] as const;

/** @see baselineNames */
export type BaselineName = (typeof baselineNames)[number];

/** One forecast per grid day and baseline. */
export type BaselineForecasts = Record<BaselineName, Float64Array>;

/**
 * Every baseline's forecast at every day of a daily grid, from values up to and including that day. A
 * baseline forecasts the same number for any horizon. NaN where nothing was observed in its window.
 */
export function baselineForecasts(values: Float64Array): BaselineForecasts {
  return {
    last_value: values.slice(),
    mean_7d: trailingMean(values, 7),
    ewma_half_life_5d: exponentialMean(values, 5),
    mean_30d: trailingMean(values, 30),
    median_30d: trailingMedian(values, 30),
  };
}

/** The baselines by ascending mean absolute error on the given rows; the earlier name wins a tie. */
export function rankBaselines(
  forecasts: BaselineForecasts,
  target: Float64Array,
  rows: Int32Array,
): BaselineName[] {
  const error = (name: BaselineName) => {
    const forecast = forecasts[name];
    let sum = 0;
    for (const row of rows) sum += Math.abs(at(forecast, row) - at(target, row));
    return sum;
  };
  return baselineNames
    .map((name) => ({ name, error: error(name) }))
    .sort((left, right) => left.error - right.error)
    .map(({ name }) => name);
}

/** Every baseline's forecast at one grid day. */
export function baselinesAt(forecasts: BaselineForecasts, day: number): Record<BaselineName, number> {
  return {
    last_value: at(forecasts.last_value, day),
    mean_7d: at(forecasts.mean_7d, day),
    ewma_half_life_5d: at(forecasts.ewma_half_life_5d, day),
    mean_30d: at(forecasts.mean_30d, day),
    median_30d: at(forecasts.median_30d, day),
  };
}
