import { MlError } from "../ml-error.ts";
import { illiquidityHorizonDays } from "./illiquidity-event.ts";
import type { IlliquidityBaselineName, IlliquidityServer } from "./illiquidity-forecasters.ts";
import {
  baselineProbability,
  fitBelievedHazard,
  fitFrequencies,
  illiquidityBaselines,
  modelProbability,
} from "./illiquidity-forecasters.ts";
import type { IlliquidityRow } from "./illiquidity-table.ts";
import { brierScore } from "./probability-scores.ts";

/** How the walk-forward evaluation is run. */
export interface IlliquidityOptions {
  /** Length of the test period in days, counted back from the last day with a known outcome. */
  backtestDays: number;
  /** Any safe integer; the same panel, options and seed give the same result. */
  seed: number;
  /** Called with the share of the work done, 0 to 1. */
  onProgress?: (fraction: number) => void;
  /** Checked between fits; the work is synchronous, so something must set it from another thread or in onProgress. */
  signal?: { readonly aborted: boolean };
}

/** A forecast made without knowledge of its outcome. */
export interface WalkForwardForecast {
  row: IlliquidityRow;
  model: number;
  /** Whether a hazard had been fitted; without one the model says what `state_frequency` says. */
  isFitted: boolean;
  baselines: Record<IlliquidityBaselineName, number>;
  /** What would have been served on that day, and by which forecaster. */
  served: number;
  served_by: IlliquidityServer;
  /** Of the week that it was refitted for, from the first that is scored on; negative before. */
  fold: number;
  /** False before the test period, where forecasts only feed the decision which forecaster serves. */
  scored: boolean;
}

/** Which forecaster serves, and the evidence: Brier scores of walk-forward forecasts whose outcome was known. */
export interface IlliquidityDecision {
  served_by: IlliquidityServer;
  /** Forecasts compared; with none, `state_frequency` serves. */
  n: number;
  brier: Record<"model" | IlliquidityBaselineName, number> | null;
}

const refitDays = 7;
/** Fewest days to learn from before the first forecast. */
const trainingDaysMin = 15;
/** At most this share of the days with known outcomes is for testing. */
const testShareMax = 2 / 3;
/** A model that errs so much more than a baseline does not serve. It is half a frequency already, so it seldom errs more by anything but chance. */
const toleratedBrier = 1.05;

/**
 * Forecasts the last `backtestDays` days, and up to as many before them, as they would have been made at the time:
 * everything is refitted every 7 days on rows whose whole 14-day window had ended, and the same holds for what
 * the decision which forecaster serves is based on.
 *
 * @param rows all rows, known outcomes or not
 * @throws MlError `ABORTED`, `INVALID_OPTIONS`
 */
export function walkForwardIlliquidity(
  rows: readonly IlliquidityRow[],
  options: IlliquidityOptions,
): WalkForwardForecast[] {
  assertOptions(options);
  const known = rows.filter((row) => !Number.isNaN(row.outcome));
  const starts = foldStarts(known, options.backtestDays);
  const firstScored = starts.findIndex(({ scored }) => scored);
  const forecasts: WalkForwardForecast[] = [];
  starts.forEach(({ day: firstDay, scored }, fold) => {
    advance(options, fold / starts.length);
    const training = known.filter((row) => row.day + illiquidityHorizonDays < firstDay);
    const past = forecasts.filter(({ row }) => row.day + illiquidityHorizonDays < firstDay);
    const frequencies = fitFrequencies(training);
    const believed = fitBelievedHazard(training);
    const { served_by } = decideServer(past);
    for (const row of known) {
      if (row.day < firstDay || row.day >= firstDay + refitDays) continue;
      const model = modelProbability(believed, frequencies, row);
      const baselines = byName((name) => baselineProbability(name, frequencies, row));
      const served = served_by === "model" ? model : baselines[served_by];
      forecasts.push({
        row,
        model,
        isFitted: believed !== undefined,
        baselines,
        served,
        served_by,
        fold: fold - firstScored,
        scored,
      });
    }
  });
  return forecasts;
}

/** The model, unless its Brier score is above {@link toleratedBrier} times that of a baseline that may serve; then the best of these. */
export function decideServer(past: readonly WalkForwardForecast[]): IlliquidityDecision {
  if (past.length === 0) return { served_by: "state_frequency", n: 0, brier: null };
  const outcomes = past.map(({ row }) => row.outcome);
  const score = (read: (forecast: WalkForwardForecast) => number) => brierScore(past.map(read), outcomes);
  const brier = {
    model: score((forecast) => forecast.model),
    ...byName((name) => score((forecast) => forecast.baselines[name])),
  };
  let best: Exclude<IlliquidityServer, "model"> = "state_frequency";
  for (const name of illiquidityBaselines) {
    if (name !== "persistence" && brier[name] < brier[best]) best = name;
  }
  const isModelGood = past.at(-1)?.isFitted === true && brier.model <= toleratedBrier * brier[best];
  return { served_by: isModelGood ? "model" : best, n: past.length, brier };
}

/** Reports progress. @throws MlError `ABORTED` */
export function advance(options: Pick<IlliquidityOptions, "onProgress" | "signal">, fraction: number): void {
  if (options.signal?.aborted === true) throw new MlError("ABORTED", "Training was stopped.");
  options.onProgress?.(fraction);
}

/** First days of the folds, oldest first; each has enough days to learn from. */
function foldStarts(
  known: readonly IlliquidityRow[],
  backtestDays: number,
): { day: number; scored: boolean }[] {
  const first = known.reduce((least, row) => Math.min(least, row.day), Number.POSITIVE_INFINITY);
  const last = known.reduce((most, row) => Math.max(most, row.day), Number.NEGATIVE_INFINITY);
  if (known.length === 0) return [];
  const testDays = Math.min(backtestDays, Math.floor((last - first + 1) * testShareMax));
  const firstScored = last - testDays + 1;
  const earliest = Math.max(first + illiquidityHorizonDays + trainingDaysMin, firstScored - backtestDays);
  let start = firstScored;
  while (start - refitDays >= earliest) start -= refitDays;
  const starts: { day: number; scored: boolean }[] = [];
  for (; start <= last; start += refitDays) {
    if (start >= earliest) starts.push({ day: start, scored: start >= firstScored });
  }
  return starts;
}

function byName<TValue>(
  value: (name: IlliquidityBaselineName) => TValue,
): Record<IlliquidityBaselineName, TValue> {
  return {
    state_frequency: value("state_frequency"),
    market_frequency: value("market_frequency"),
    base_rate: value("base_rate"),
    persistence: value("persistence"),
  };
}

function assertOptions({ backtestDays, seed }: IlliquidityOptions): void {
  if (!Number.isInteger(backtestDays) || backtestDays < 1 || backtestDays > 36_525) {
    throw new MlError(
      "INVALID_OPTIONS",
      `backtestDays must be a whole number from 1 to 36525, got ${backtestDays}.`,
    );
  }
  if (!Number.isSafeInteger(seed)) {
    throw new MlError("INVALID_OPTIONS", `seed must be a safe integer, got ${seed}.`);
  }
}
