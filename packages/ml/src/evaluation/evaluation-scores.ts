import { intervalLevels } from "../calibration/interval-levels.ts";
import type { ReliabilityBin } from "../calibration/reliability.ts";
import { reliabilityTable } from "../calibration/reliability.ts";
import type { BaselineName } from "../forecast/baselines.ts";
import type { Distribution } from "../forecast/forecast-space.ts";
import { at, mean, median } from "../numbers.ts";
import { marketErrors } from "../training/forecast-errors.ts";
import type { WalkForwardData } from "../training/walk-forward.ts";

/** How the intervals of one level did. */
export interface IntervalReport {
  level: number;
  coverage: number;
  width_mean: number;
  width_median: number;
  /** Gneiting and Raftery, "Strictly Proper Scoring Rules, Prediction, and Estimation", JASA 2007, section 6.2. */
  interval_score: number;
}

/** How one candidate did, in natural units. */
export interface CandidateReport {
  name: "served" | "model" | BaselineName;
  mae_mean: number;
  /** Median over markets of the market's mean absolute error. */
  mae_median_pool: number;
  /** Mean pinball loss over the bounds of all intervals and the forecast as the median. */
  pinball: number;
  intervals: IntervalReport[];
  /** Share of the markets whose mean absolute error is below that of the best baseline; null for baselines. */
  pools_improved: number | null;
}

/** How the forecasts of one protocol did, in natural units. */
export interface ProtocolReport {
  project: string;
  horizon: number;
  /** Days with forecasts of known outcome. */
  n: number;
  mae_mean: number;
  /** Of the same days' last values, weighted alike. */
  last_value_mae: number;
  coverage_90: number;
}

/** The forecasts that were issued, by row of the table. */
export type IssuedForecasts = ReadonlyMap<number, Distribution>;

/** The forecast that was issued for a protocol on a day, and its outcome. */
export interface IssuedProtocolForecast {
  protocol: string;
  forecast: Distribution;
  lastValue: number;
  outcome: number;
}

/** Accuracy and intervals of one candidate on rows of known outcome. */
export function reportOf(
  { table }: WalkForwardData,
  rows: Int32Array,
  issued: IssuedForecasts,
  name: CandidateReport["name"],
): CandidateReport {
  const errors = Float64Array.from(rows, (row) =>
    Math.abs(issuedAt(issued, row).value - at(table.target, row)),
  );
  return {
    name,
    mae_mean: mean(errors),
    mae_median_pool: median([...marketErrors(table, rows, errors).values()]),
    pinball: mean(
      Float64Array.from(rows, (row) => pinballLoss(issuedAt(issued, row), at(table.target, row))),
    ),
    intervals: intervalLevels.map((level, index) => {
      const score = { covered: 0, interval: 0 };
      const widths = Float64Array.from(rows, (row) => {
        const { lower, upper } = boundsAt(issuedAt(issued, row), index);
        const actual = at(table.target, row);
        const missedBy = Math.max(0, lower - actual, actual - upper);
        if (missedBy === 0) score.covered += 1;
        score.interval += upper - lower + (2 / (1 - level)) * missedBy;
        return upper - lower;
      });
      return {
        level,
        coverage: score.covered / rows.length,
        width_mean: mean(widths),
        width_median: median(widths),
        interval_score: score.interval / rows.length,
      };
    }),
    pools_improved: null,
  };
}

/** Koenker and Bassett, "Regression Quantiles", Econometrica 1978. */
function pinballLoss(forecast: Distribution, actual: number): number {
  const quantiles = intervalLevels.flatMap((level, index) => {
    const { lower, upper } = boundsAt(forecast, index);
    return [
      { share: (1 - level) / 2, value: lower },
      { share: (1 + level) / 2, value: upper },
    ];
  });
  const all = [...quantiles, { share: 0.5, value: forecast.value }];
  return mean(
    all.map(({ share, value }) =>
      actual >= value ? share * (actual - value) : (1 - share) * (value - actual),
    ),
  );
}

/** The interval of one of the levels, by its index in `intervalLevels`. */
export function boundsAt(forecast: Distribution, index: number): { lower: number; upper: number } {
  return forecast.intervals[index] ?? { lower: Number.NaN, upper: Number.NaN };
}

/** The mean absolute error of each market. */
export function errorsByMarket(
  { table }: WalkForwardData,
  rows: Int32Array,
  issued: IssuedForecasts,
): Map<number, number> {
  const errors = Float64Array.from(rows, (row) =>
    Math.abs(issuedAt(issued, row).value - at(table.target, row)),
  );
  return marketErrors(table, rows, errors);
}

/** Stated confidence against what came true. */
export function reliabilityOf(
  { table }: WalkForwardData,
  rows: Int32Array,
  issued: IssuedForecasts,
): ReliabilityBin[] {
  const forecasts = Array.from(rows, (row) => ({ ...issuedAt(issued, row), actual: at(table.target, row) }));
  return reliabilityTable(
    forecasts.map(({ confidence }) => confidence),
    forecasts.map(({ value, actual, confidenceTolerance }) =>
      Math.abs(actual - value) <= confidenceTolerance ? 1 : 0,
    ),
    10,
  );
}

/** How each protocol did. */
export function protocolReports(
  data: WalkForwardData,
  issued: readonly IssuedProtocolForecast[],
): ProtocolReport[] {
  const shown = intervalLevels.indexOf(0.9);
  return [...Map.groupBy(issued, ({ protocol }) => protocol)]
    .map(([project, all]): ProtocolReport => {
      const covered = all.filter(({ forecast, outcome }) => {
        const { lower, upper } = boundsAt(forecast, shown);
        return outcome >= lower && outcome <= upper;
      });
      return {
        project,
        horizon: data.horizonDays,
        n: all.length,
        mae_mean: mean(all.map(({ forecast, outcome }) => Math.abs(forecast.value - outcome))),
        last_value_mae: mean(all.map(({ lastValue, outcome }) => Math.abs(lastValue - outcome))),
        coverage_90: covered.length / all.length,
      };
    })
    .sort((left, right) => (left.project < right.project ? -1 : 1));
}

/** @throws Error where none was issued for the row */
export function issuedAt(issued: IssuedForecasts, row: number): Distribution {
  const forecast = issued.get(row);
  if (forecast === undefined) throw new Error(`Row ${row} was not forecast.`);
  return forecast;
}
