import type { ForecastSpace } from "../forecast/forecast-space.ts";
import { forward, inverse } from "../forecast/forecast-space.ts";
import { at } from "../numbers.ts";
import type { MarketSeries } from "../panel/market-series.ts";
import { protocolWeights, weightedSum } from "../panel/protocol-weights.ts";
import type { SampleTable } from "../panel/sample-table.ts";

/** Forecasts in the order of their days, and what came of them. Arrays are aligned. */
export interface ForecastHistory {
  days: Int32Array;
  /** Index of the forecast's protocol in a list that is kept beside the history. */
  protocols: Int32Array;
  /** Points and scales in the modelled space. */
  centres: Float64Array;
  scales: Float64Array;
  /** Natural units; NaN while unknown. */
  outcomes: Float64Array;
}

/** Forecasts of rows of a table, in any order; arrays are aligned. */
export interface RowForecasts {
  rows: Int32Array;
  centres: Float64Array;
  scales: Float64Array;
}

/** The protocols of a panel, sorted, so that one list serves every history. */
export function protocolsOf(panel: readonly MarketSeries[]): string[] {
  return [...new Set(panel.map(({ protocol }) => protocol))].sort();
}

/**
 * The history of market forecasts, by day and within a day by market. O(n log n).
 *
 * @param protocols the list that the history's protocol numbers count; a protocol that is not in it is −1
 */
export function marketHistory(
  panel: readonly MarketSeries[],
  table: SampleTable,
  forecasts: RowForecasts,
  protocols: readonly string[] = protocolsOf(panel),
): ForecastHistory {
  const indexOf = new Map(protocols.map((name, index) => [name, index]));
  const { rows, centres, scales } = forecasts;
  const order = Int32Array.from({ length: rows.length }, (_unused, index) => index).sort(
    (left, right) =>
      at(table.day, at(rows, left)) - at(table.day, at(rows, right)) || at(rows, left) - at(rows, right),
  );
  const ordered = order.map((position) => at(rows, position));
  return {
    days: ordered.map((row) => at(table.day, row)),
    protocols: ordered.map((row) => indexOf.get(panel[at(table.market, row)]?.protocol ?? "") ?? -1),
    centres: Float64Array.from(order, (position) => at(centres, position)),
    scales: Float64Array.from(order, (position) => at(scales, position)),
    outcomes: Float64Array.from(ordered, (row) => at(table.target, row)),
  };
}

/**
 * The history of protocol forecasts, from those of their markets: forecast, outcome and scale are the weighted
 * sums over the markets of the day whose outcome is known, so the diversification between markets, and the lack of
 * it, is measured and not assumed.
 */
export function protocolHistory(
  table: SampleTable,
  space: ForecastSpace,
  markets: { history: ForecastHistory; forecasts: RowForecasts },
): ForecastHistory {
  const tvlOf = tvlsByPosition(table, markets.forecasts);
  const { days, protocols, centres, scales, outcomes } = markets.history;
  const groups = new Map<string, { day: number; protocol: number; positions: number[] }>();
  days.forEach((day, position) => {
    if (Number.isNaN(at(outcomes, position))) return;
    const protocol = at(protocols, position);
    const key = `${day}:${protocol}`;
    const group = groups.get(key) ?? { day, protocol, positions: [] };
    groups.set(key, group);
    group.positions.push(position);
  });
  const all = [...groups.values()].map((group) => ({
    ...group,
    weights: protocolWeights(group.positions.map((position) => at(tvlOf, position))).weights,
  }));
  const total = (read: (position: number) => number) =>
    Float64Array.from(all, ({ positions, weights }) =>
      weightedSum(weights, (index) => read(positions[index] ?? -1)),
    );
  return {
    days: Int32Array.from(all, ({ day }) => day),
    protocols: Int32Array.from(all, ({ protocol }) => protocol),
    centres: total((position) => inverse(space, at(centres, position))).map((value) => forward(space, value)),
    scales: total((position) => at(scales, position)),
    outcomes: total((position) => at(outcomes, position)),
  };
}

/** TVLs in the order in which {@link marketHistory} puts the rows. */
function tvlsByPosition(table: SampleTable, { rows }: RowForecasts): Float64Array {
  const ordered = Array.from(rows).sort(
    (left, right) => at(table.day, left) - at(table.day, right) || left - right,
  );
  return Float64Array.from(ordered, (row) => at(table.tvlUsd, row));
}
