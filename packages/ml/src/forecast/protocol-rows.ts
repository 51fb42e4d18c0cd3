import type { RowForecasts } from "../calibration/forecast-history.ts";
import { at } from "../numbers.ts";
import type { MarketSeries } from "../panel/market-series.ts";
import { protocolWeights, weightedSum } from "../panel/protocol-weights.ts";
import type { SampleTable } from "../panel/sample-table.ts";
import type { ForecastSpace } from "./forecast-space.ts";
import { inverse } from "./forecast-space.ts";

/** Protocols on days, by day and within a day by number: what their markets add up to. Arrays are aligned. */
export interface ProtocolRows {
  days: Int32Array;
  /** Index of the protocol in a list that is kept beside the rows. */
  protocols: Int32Array;
  /** The markets' forecasts and last values, weighted; natural units. */
  markets: Float64Array;
  lastValues: Float64Array;
  /** The markets' scales, weighted; NaN where one is unknown. */
  scales: Float64Array;
  /** What came of the markets that have an outcome; NaN where they have less than {@link knownWeightMin} of the weight. Natural units. */
  outcomes: Float64Array;
}

/** Less of a protocol's weight than this with a known outcome, and the protocol's is not known. */
export const knownWeightMin = 0.9;

/**
 * Adds up the forecasts of markets by protocol and day, over the markets that count (where none does, over all), so that the
 * diversification between markets, and the lack of it, is measured and not assumed. O(n log n).
 *
 * @param protocols the list that the rows' protocol numbers count; a protocol that is not in it is −1
 */
export function protocolRows(
  { table, panel }: { table: SampleTable; panel: readonly MarketSeries[] },
  space: ForecastSpace,
  { rows, centres, scales }: RowForecasts,
  protocols: readonly string[],
): ProtocolRows {
  const numberOf = new Map(protocols.map((name, index) => [name, index]));
  const groups = new Map<string, { day: number; protocol: number; positions: number[] }>();
  // In the order of the table, so that sums do not depend on the order given.
  const order = Array.from(rows.keys()).sort((left, right) => at(rows, left) - at(rows, right));
  for (const position of order) {
    const row = at(rows, position);
    const day = at(table.day, row);
    const protocol = numberOf.get(panel[at(table.market, row)]?.protocol ?? "") ?? -1;
    const key = `${day}:${protocol}`;
    const group = groups.get(key) ?? { day, protocol, positions: [] };
    groups.set(key, group);
    group.positions.push(position);
  }
  const all = [...groups.values()]
    .sort((left, right) => left.day - right.day || left.protocol - right.protocol)
    .map(({ day, protocol, positions }) => {
      const counted = positions.filter((position) => at(table.counted, at(rows, position)) === 1);
      const members = counted.length === 0 ? positions : counted;
      const { weights } = protocolWeights(members.map((position) => at(table.tvlUsd, at(rows, position))));
      return { day, protocol, members, weights };
    });
  const total = (read: (position: number) => number) =>
    Float64Array.from(all, ({ members, weights }) =>
      weightedSum(weights, (index) => read(members[index] ?? -1)),
    );
  const targetAt = (position: number) => at(table.target, at(rows, position));
  const knownWeights = total((position) => (Number.isNaN(targetAt(position)) ? 0 : 1));
  const knownOutcomes = total((position) => (Number.isNaN(targetAt(position)) ? 0 : targetAt(position)));
  return {
    days: Int32Array.from(all, ({ day }) => day),
    protocols: Int32Array.from(all, ({ protocol }) => protocol),
    markets: total((position) => inverse(space, at(centres, position))),
    lastValues: total((position) => at(table.baselines.last_value, at(rows, position))),
    scales: total((position) => at(scales, position)),
    outcomes: knownOutcomes.map((sum, index) => {
      const weight = at(knownWeights, index);
      return weight >= knownWeightMin ? sum / weight : Number.NaN;
    }),
  };
}
