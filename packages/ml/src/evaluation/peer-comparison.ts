import { at, mean, median } from "../numbers.ts";
import { marketErrors } from "../training/forecast-errors.ts";
import type { WalkForwardData } from "../training/walk-forward.ts";

/** What somebody else forecast for a market at the end of a day, in natural units. */
export interface PeerForecast {
  market_id: string;
  /** UTC day since the epoch. */
  day: number;
  value: number;
}

/** How a peer's forecasts did beside ours, all on the rows that the peer has forecast. */
export interface PeerReport {
  /** Forecasts that were compared, and all that we made. */
  n: number;
  forecasts: number;
  candidates: { name: string; mae_mean: number; mae_median_pool: number }[];
}

/** Someone who has forecast rows. */
interface Contender {
  name: string;
  valueAt(row: number): number;
}

/** Compares a peer with others on the rows that both have forecast; errors are NaN when there are none. */
export function comparePeer(
  { table, panel }: WalkForwardData,
  rows: Int32Array,
  peer: readonly PeerForecast[],
  contenders: readonly Contender[],
): PeerReport {
  const values = new Map(peer.map(({ market_id, day, value }) => [`${day}:${market_id}`, value]));
  const peerAt = (row: number) =>
    values.get(`${at(table.day, row)}:${panel[at(table.market, row)]?.market_id ?? ""}`) ?? Number.NaN;
  const shared = rows.filter((row) => Number.isFinite(peerAt(row)));
  const candidates = [...contenders, { name: "peer", valueAt: peerAt }].map(({ name, valueAt }) => {
    const errors = Float64Array.from(shared, (row) => Math.abs(valueAt(row) - at(table.target, row)));
    return {
      name,
      mae_mean: mean(errors),
      mae_median_pool: median([...marketErrors(table, shared, errors).values()]),
    };
  });
  return { n: shared.length, forecasts: rows.length, candidates };
}
