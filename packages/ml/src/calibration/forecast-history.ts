import type { ForecastSpace } from "../forecast/forecast-space.ts";
import { forward } from "../forecast/forecast-space.ts";
import type { ProtocolRows } from "../forecast/protocol-rows.ts";
import { at } from "../numbers.ts";
import type { MarketSeries } from "../panel/market-series.ts";
import type { SampleTable } from "../panel/sample-table.ts";

/** Forecasts in the order of their days, and what came of them. Arrays are aligned. */
export interface ForecastHistory {
  days: Int32Array;
  /** Index of the forecast's protocol in a list that is kept beside the history. */
  protocols: Int32Array;
  /** Points and scales in the modelled space. */
  centres: Float64Array;
  scales: Float64Array;
  /** 1 where the value had moved lately, 0 where it was flat; 1 of protocols. */
  moving: Uint8Array;
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
    moving: Uint8Array.from(ordered, (row) => at(table.moving, row)),
    outcomes: Float64Array.from(ordered, (row) => at(table.target, row)),
  };
}

/** The history of protocol forecasts whose outcome and scale are known, as far as they are kept. */
export function protocolHistory(
  { days, protocols, scales, outcomes }: ProtocolRows,
  space: ForecastSpace,
  { values, isKept }: { values: Float64Array; isKept: (index: number) => boolean },
): ForecastHistory {
  const kept = Int32Array.from(days.keys()).filter(
    (index) => !Number.isNaN(at(outcomes, index)) && !Number.isNaN(at(scales, index)) && isKept(index),
  );
  return {
    days: kept.map((index) => at(days, index)),
    protocols: kept.map((index) => at(protocols, index)),
    centres: Float64Array.from(kept, (index) => forward(space, at(values, index))),
    scales: Float64Array.from(kept, (index) => at(scales, index)),
    moving: new Uint8Array(kept.length).fill(1),
    outcomes: Float64Array.from(kept, (index) => at(outcomes, index)),
  };
}

/** The forecasts of a day and later. */
export function historyFrom(history: ForecastHistory, firstDay: number): ForecastHistory {
  const start = history.days.findIndex((day) => day >= firstDay);
  const from = start < 0 ? history.days.length : start;
  return {
    days: history.days.subarray(from),
    protocols: history.protocols.subarray(from),
    centres: history.centres.subarray(from),
    scales: history.scales.subarray(from),
    moving: history.moving.subarray(from),
    outcomes: history.outcomes.subarray(from),
  };
}
