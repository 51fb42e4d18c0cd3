import { baselineForecasts, baselinesAt } from "../forecast/baselines.ts";
import { at, clamp, signedLog } from "../numbers.ts";
import type { DailyGrid } from "../panel/daily-grid.ts";
import { dailyGrid, spreadOnGrid } from "../panel/daily-grid.ts";
import type { MarketSeries } from "../panel/market-series.ts";
import { carryForward, trailingAbsoluteDeviation, trailingCount } from "../panel/rolling.ts";
import type { SampleTable } from "../panel/sample-table.ts";
import { rowCountFrom, sampleTableWriter } from "../panel/sample-table.ts";
import { protocolStress } from "../panel/stress.ts";
import { carryForwardDays, riskMetricsAt } from "../risk/risk-metrics.ts";
import type { GriddedMarket } from "./cross-market.ts";
import { crossMarketFeatureNames, crossMarketFeatures } from "./cross-market.ts";
import { yieldFeatureNames, yieldFeatures } from "./yield-features.ts";

/** Settings of the yield table; part of the model artefact. */
export interface YieldTableOptions {
  horizonDays: number;
  /** Daily APYs are winsorised to ± this many percent. */
  apyCapPercent: number;
  /** Only rows of this day and later, and of every market the newest. @default all rows */
  fromDay?: number | undefined;
}

/** Fewer observed days than this in the trailing 30, and a market's yield is not forecast. */
const yieldObservationsMin = 7;

/**
 * Smallest scale of a yield interval, in signed-log units: dead-flat markets still move now and then, and an
 * interval of width zero would promise what nobody knows.
 */
const scaleFloor = 0.01;

/** With no more mean absolute deviation of log APY over 30 days, a market is flat: 2 % of 1 + its APY. */
const flatDeviationMax = 0.02;

/**
 * The yield model's table. A row needs an APY observed on its day and 7 in the trailing 30. The target is
 * {@link realisedYield}; the scale is 0.01 + the mean absolute deviation of log APY over 30 days.
 */
export function yieldTable(panel: readonly MarketSeries[], options: YieldTableOptions): SampleTable {
  const markets = panel.map((series) => gridMarket(series, options.apyCapPercent));
  const crossMarket = crossMarketFeatures(markets);
  const moves = markets.map(({ series, grid, apy }) => {
    const values = apy.map(signedLog);
    const scales = trailingAbsoluteDeviation(values, 30).map((deviation) => scaleFloor + deviation);
    return { protocol: series.protocol, firstDay: grid.firstDay, values, scales };
  });
  const stressOf = protocolStress(moves);
  const featureNames = [...yieldFeatureNames, ...crossMarketFeatureNames];
  const rowCountMax = panel.reduce((sum, { days }) => sum + rowCountFrom(days, options.fromDay), 0);
  const writer = sampleTableWriter(featureNames, rowCountMax);
  markets.forEach(({ series, grid, apy }, market) => {
    const columns = { ...yieldFeatures(series, grid, apy), ...crossMarket[market] };
    const ordered = featureNames.map((name) => columns[name] ?? new Float64Array());
    const observations = trailingCount(apy, 30);
    const scales = moves[market]?.scales ?? new Float64Array();
    const tvl = carryForward(spreadOnGrid(grid, series.tvl_usd), carryForwardDays);
    const baselines = baselineForecasts(apy);
    const fromOffset = (options.fromDay ?? Number.NEGATIVE_INFINITY) - grid.firstDay;
    for (const offset of eligibleOffsets(apy, observations, fromOffset)) {
      writer.append(
        {
          market,
          day: grid.firstDay + offset,
          target: futureMean(apy, offset, options.horizonDays),
          current: at(apy, offset),
          tvlUsd: at(tvl, offset),
          counted: riskMetricsAt(series, at(grid.observationIndex, offset)) !== undefined,
          moving: at(scales, offset) - scaleFloor > flatDeviationMax,
          scale: at(scales, offset),
          stress: stressOf(series.protocol, grid.firstDay + offset),
        },
        ordered.map((column) => at(column, offset)),
        baselinesAt(baselines, offset),
      );
    }
  });
  return writer.finish();
}

/**
 * What a yield forecast made at the end of day `asOfDay` is scored against: the mean of the winsorised daily
 * APYs of the days asOfDay + 1 … asOfDay + horizonDays.
 *
 * @returns NaN unless at least half of those days were observed
 */
export function realisedYield(
  series: MarketSeries,
  asOfDay: number,
  options: { horizonDays: number; apyCapPercent: number },
): number {
  return realisedYields(series, options)(asOfDay);
}

/** The same for one day after another of a market. */
export function realisedYields(
  series: MarketSeries,
  { horizonDays, apyCapPercent }: { readonly horizonDays: number; readonly apyCapPercent: number },
): (asOfDay: number) => number {
  const { grid, apy } = gridMarket(series, apyCapPercent);
  return (asOfDay) => futureMean(apy, asOfDay - grid.firstDay, horizonDays);
}

function gridMarket(series: MarketSeries, apyCapPercent: number): GriddedMarket {
  const grid: DailyGrid = dailyGrid(series.days);
  const apy = spreadOnGrid(grid, series.apy).map((value) => clamp(value, -apyCapPercent, apyCapPercent));
  return { series, grid, apy };
}

function futureMean(apy: Float64Array, offset: number, horizonDays: number): number {
  let sum = 0;
  let count = 0;
  for (let ahead = 1; ahead <= horizonDays; ahead += 1) {
    const value = at(apy, offset + ahead);
    if (Number.isNaN(value)) continue;
    sum += value;
    count += 1;
  }
  return count >= Math.ceil(horizonDays / 2) ? sum / count : Number.NaN;
}

function eligibleOffsets(apy: Float64Array, observations: Float64Array, fromOffset: number): number[] {
  const offsets: number[] = [];
  for (let offset = apy.length - 1; offset >= 0; offset -= 1) {
    if (Number.isNaN(at(apy, offset)) || at(observations, offset) < yieldObservationsMin) continue;
    if (offset < fromOffset && offsets.length > 0) break;
    offsets.push(offset);
  }
  return offsets.reverse();
}
