import { baselineForecasts, baselinesAt } from "../forecast/baselines.ts";
import { at } from "../numbers.ts";
import { dailyGrid, spreadOnGrid } from "../panel/daily-grid.ts";
import type { MarketSeries } from "../panel/market-series.ts";
import { carryForward, trailingAbsoluteDeviation } from "../panel/rolling.ts";
import type { SampleTable } from "../panel/sample-table.ts";
import { rowCountFrom, sampleTableWriter } from "../panel/sample-table.ts";
import { protocolStress } from "../panel/stress.ts";
import type { ScoredMarket } from "./risk-features.ts";
import { projectedScores, riskFeatureNames, riskFeatures } from "./risk-features.ts";
import type { RiskMetrics, ScoreRisk } from "./risk-metrics.ts";
import { carryForwardDays, riskMetricsAt } from "./risk-metrics.ts";

/** Settings of the risk table. */
export interface RiskTableOptions {
  horizonDays: number;
  scoreRisk: ScoreRisk;
  /** Only rows of this day and later, and of every market the newest. @default all rows */
  fromDay?: number | undefined;
}

/** Smallest scale of a risk interval in score points: the score is an integer, so it moves in steps of one. */
const scaleFloor = 1;

/** With no more mean absolute deviation of the score over 30 days, in points, a market is flat. */
const flatDeviationMax = 0.25;

/**
 * The risk model's table. A row needs a score on its day; the target is {@link realisedRisk}. The scale is
 * 1 + the mean absolute deviation of the score over 30 days + the disagreement of the two projected scores.
 */
export function riskTable(panel: readonly MarketSeries[], options: RiskTableOptions): SampleTable {
  const rowCountMax = panel.reduce((sum, { days }) => sum + rowCountFrom(days, options.fromDay), 0);
  const writer = sampleTableWriter(riskFeatureNames, rowCountMax);
  const markets = panel.map((series) => {
    const scored = scoreMarket(series, options.scoreRisk);
    return { scored, deviations: trailingAbsoluteDeviation(scored.scores, 30) };
  });
  const stressOf = protocolStress(
    markets.map(({ scored: { series, grid, scores }, deviations }) => ({
      protocol: series.protocol,
      firstDay: grid.firstDay,
      values: scores,
      scales: deviations.map((deviation) => scaleFloor + deviation),
    })),
  );
  markets.forEach(({ scored, deviations }, market) => {
    const { series, grid, scores } = scored;
    const columns = riskFeatures(scored);
    const baselines = baselineForecasts(scores);
    const fromOffset = (options.fromDay ?? Number.NEGATIVE_INFINITY) - grid.firstDay;
    const tvl = carryForward(spreadOnGrid(grid, series.tvl_usd), carryForwardDays);
    for (const offset of eligibleOffsets(scores, fromOffset)) {
      const projected = projectedScores(scored, offset, options);
      const features = riskFeatureNames.map((name) => {
        if (name === "projected_known") return projected.known;
        if (name === "projected_repeat") return projected.repeat;
        return at(columns[name], offset);
      });
      writer.append(
        {
          market,
          day: grid.firstDay + offset,
          target: at(scores, offset + options.horizonDays),
          current: at(scores, offset),
          tvlUsd: at(tvl, offset),
          counted: true,
          moving: at(deviations, offset) > flatDeviationMax,
          stress: stressOf(series.protocol, grid.firstDay + offset),
          scale: scaleFloor + at(deviations, offset) + Math.abs(projected.known - projected.repeat),
        },
        features,
        baselinesAt(baselines, offset),
      );
    }
  });
  return writer.finish();
}

/**
 * What a risk forecast made at the end of day `asOfDay` is scored against: the score on asOfDay + horizonDays.
 *
 * @returns NaN when the market was not observed on that day or its score is unknown
 */
export function realisedRisk(
  series: MarketSeries,
  asOfDay: number,
  options: { horizonDays: number; scoreRisk: ScoreRisk },
): number {
  const metrics = riskMetricsAt(series, series.days.indexOf(asOfDay + options.horizonDays));
  return metrics === undefined ? Number.NaN : options.scoreRisk(metrics);
}

function scoreMarket(series: MarketSeries, scoreRisk: ScoreRisk): ScoredMarket {
  const grid = dailyGrid(series.days);
  const metrics: (RiskMetrics | undefined)[] = Array.from(grid.observationIndex, (index) =>
    index < 0 ? undefined : riskMetricsAt(series, index),
  );
  const scores = Float64Array.from(metrics, (known) => (known === undefined ? Number.NaN : scoreRisk(known)));
  return { series, grid, metrics, scores };
}

function eligibleOffsets(scores: Float64Array, fromOffset: number): number[] {
  const offsets: number[] = [];
  for (let offset = scores.length - 1; offset >= 0; offset -= 1) {
    if (Number.isNaN(at(scores, offset))) continue;
    if (offset < fromOffset && offsets.length > 0) break;
    offsets.push(offset);
  }
  return offsets.reverse();
}
