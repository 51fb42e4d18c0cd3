import type { ForecastSample } from "./evaluation.ts";
import type { ForecastSpace } from "./forecast-space.ts";
import { forward, inverse } from "./forecast-space.ts";
import type { MarketSeries } from "./market-series.ts";
import { at } from "./numbers.ts";
import type { SampleTable } from "./sample-table.ts";

/** The weights with which a protocol's markets make up its figure; they sum to 1. */
export interface ProtocolWeights {
  /** `tvl`, or `equal` when no market's TVL is known. */
  basis: "tvl" | "equal";
  /** Aligned with the markets; 0 for a market of unknown TVL beside markets of known TVL. */
  weights: number[];
}

/** TVL-weighted shares; equal shares when no TVL is known (NaN or 0). */
export function protocolWeights(tvlsUsd: readonly number[]): ProtocolWeights {
  const known = tvlsUsd.map((tvl) => (Number.isFinite(tvl) && tvl > 0 ? tvl : 0));
  const total = known.reduce((sum, tvl) => sum + tvl, 0);
  if (total === 0) return { basis: "equal", weights: tvlsUsd.map(() => 1 / tvlsUsd.length) };
  return { basis: "tvl", weights: known.map((tvl) => tvl / total) };
}

/** Rows that make up one protocol's figure on one day. */
interface ProtocolDay {
  protocol: string;
  day: number;
  /** Positions in the list of rows that was grouped. */
  positions: number[];
  weights: number[];
}

/** Groups rows by protocol and day, weighted by TVL; in order of first appearance. O(rows). */
function groupByProtocolDay(
  panel: readonly MarketSeries[],
  table: SampleTable,
  rows: Int32Array,
): ProtocolDay[] {
  const groups = new Map<string, ProtocolDay>();
  rows.forEach((row, position) => {
    const protocol = panel[at(table.market, row)]?.protocol ?? "";
    const day = at(table.day, row);
    const key = `${day}:${protocol}`;
    const group = groups.get(key) ?? { protocol, day, positions: [], weights: [] };
    groups.set(key, group);
    group.positions.push(position);
  });
  for (const group of groups.values()) {
    const tvls = group.positions.map((position) => at(table.tvlUsd, at(rows, position)));
    group.weights = protocolWeights(tvls).weights;
  }
  return [...groups.values()];
}

/** Σ weight·value over a protocol's markets. */
export function weightedSum(weights: readonly number[], value: (position: number) => number): number {
  return weights.reduce((sum, weight, position) => sum + (weight === 0 ? 0 : weight * value(position)), 0);
}

/**
 * The walk-forward forecasts of protocols, from those of their markets: forecast, outcome and scale are the
 * weighted sums over the markets of the day. Their residuals calibrate protocol intervals, so the
 * diversification between markets, and the lack of it, is measured and not assumed.
 */
export function protocolSample(
  panel: readonly MarketSeries[],
  table: SampleTable,
  options: { space: ForecastSpace; rows: Int32Array; sample: ForecastSample },
): ForecastSample {
  const { space, rows, sample } = options;
  const groups = groupByProtocolDay(panel, table, rows);
  const total = (read: (position: number) => number) =>
    Float64Array.from(groups, ({ positions, weights }) =>
      weightedSum(weights, (index) => read(positions[index] ?? -1)),
    );
  return {
    // Rows of one day lie in one fold, and groups appear in the order of their first row.
    folds: Int32Array.from(groups, ({ positions }) => at(sample.folds, positions[0] ?? -1)),
    centres: total((position) => inverse(space, at(sample.centres, position))).map((value) =>
      forward(space, value),
    ),
    scales: total((position) => at(sample.scales, position)),
    actual: total((position) => at(sample.actual, position)),
  };
}
