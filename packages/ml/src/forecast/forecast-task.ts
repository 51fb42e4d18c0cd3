import { at } from "../numbers.ts";
import type { MarketSeries } from "../panel/market-series.ts";
import type { SampleTable } from "../panel/sample-table.ts";
import type { ScoreRisk } from "../risk/risk-metrics.ts";
import { riskLearner } from "../risk/risk-model.ts";
import { riskTable } from "../risk/risk-table.ts";
import { yieldLearner } from "../yield/yield-model.ts";
import { yieldTable } from "../yield/yield-table.ts";
import type { ForecastLearner } from "./forecast-learner.ts";
import type { ForecastSpace, ModelKind } from "./forecast-space.ts";

/** One kind of forecast: where its rows come from, the space it is modelled in, and what learns it. */
export interface ForecastTask {
  kind: ModelKind;
  learner: ForecastLearner;
  /** The possible outcomes, given what the panel shows up to a day. */
  space(panel: readonly MarketSeries[], asOfDay: number): ForecastSpace;
  /** The rows of `fromDay` (default: of every day) and later, and the newest of every market. */
  table(panel: readonly MarketSeries[], fromDay?: number): SampleTable;
}

/** What the tables of both kinds depend on. */
export interface TaskOptions {
  horizonDays: number;
  /** Daily APYs are winsorised to ± this many percent. */
  apyCapPercent: number;
  scoreRisk: ScoreRisk;
}

/** Percent a year. A market's APY counts with no more, so that one pool's peak does not decide a protocol's figure. */
export const apyCapPercentDefault = 500;

/** What the RiskEngine clamps its score to. */
const riskScoreMin = 5;
const riskScoreMax = 95;

/** The task of a kind. */
export function forecastTask(kind: ModelKind, options: TaskOptions): ForecastTask {
  if (kind === "risk") {
    return {
      kind,
      learner: riskLearner,
      space: () => ({ kind, low: riskScoreMin, high: riskScoreMax }),
      table: (panel, fromDay) => riskTable(panel, { ...options, fromDay }),
    };
  }
  return {
    kind,
    learner: yieldLearner,
    // Supply yields are not negative unless the panel shows that they can be.
    space: (panel, asOfDay) => ({
      kind,
      low: panel.some((series) => hasNegativeYield(series, asOfDay))
        ? -Math.min(100, options.apyCapPercent)
        : 0,
      high: options.apyCapPercent,
    }),
    table: (panel, fromDay) => yieldTable(panel, { ...options, fromDay }),
  };
}

function hasNegativeYield({ days, apy }: MarketSeries, asOfDay: number): boolean {
  return days.some((day, index) => day <= asOfDay && at(apy, index) < 0);
}
