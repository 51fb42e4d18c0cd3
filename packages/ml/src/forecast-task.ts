import type { ForecastLearner } from "./forecast-learner.ts";
import type { ForecastSpace, ModelKind } from "./forecast-space.ts";
import type { MarketSeries } from "./market-series.ts";
import { at } from "./numbers.ts";
import type { ScoreRisk } from "./risk/risk-metrics.ts";
import { riskLearner } from "./risk/risk-model.ts";
import { riskTable } from "./risk/risk-table.ts";
import type { SampleTable } from "./sample-table.ts";
import { yieldLearner } from "./yield/yield-model.ts";
import { yieldTable } from "./yield/yield-table.ts";

/** One kind of forecast: where its rows come from, the space it is modelled in, and what learns it. */
export interface ForecastTask {
  kind: ModelKind;
  learner: ForecastLearner;
  /** The possible outcomes, given what the panel shows. */
  space(panel: readonly MarketSeries[]): ForecastSpace;
  /** All rows, or the newest of each market. */
  table(panel: readonly MarketSeries[], rows: "all" | "last"): SampleTable;
}

/** What the tables of both kinds depend on. */
export interface TaskOptions {
  horizonDays: number;
  /** Daily APYs are winsorised to ± this many percent. */
  apyCapPercent: number;
  scoreRisk: ScoreRisk;
}

/** The task of a kind. */
export function forecastTask(kind: ModelKind, options: TaskOptions): ForecastTask {
  if (kind === "risk") {
    return {
      kind,
      learner: riskLearner,
      space: () => ({ kind, low: 0, high: 100 }),
      table: (panel, rows) => riskTable(panel, { ...options, rows }),
    };
  }
  return {
    kind,
    learner: yieldLearner,
    // Supply yields are not negative unless the panel shows that they can be.
    space: (panel) => ({
      kind,
      low: panel.some(hasNegativeYield) ? -Math.min(100, options.apyCapPercent) : 0,
      high: options.apyCapPercent,
    }),
    table: (panel, rows) => yieldTable(panel, { ...options, rows }),
  };
}

function hasNegativeYield({ apy }: MarketSeries): boolean {
  for (let index = 0; index < apy.length; index += 1) if (at(apy, index) < 0) return true;
  return false;
}
