import { power } from "../deterministic-math.ts";
import { at } from "../numbers.ts";

/** A market's values in the modelled space on consecutive days, NaN where unknown, and what is usual for it to move by in a day. */
export interface Moves {
  protocol: string;
  /** Of the first value, UTC days since the epoch. */
  firstDay: number;
  values: Float64Array;
  /** Local volatility as of each day, > 0. */
  scales: Float64Array;
}

/** A move counts in units of the volatility of the day before, at most this often: one market alone does not make stress. */
const moveMax = 5;
/** A move since an older value than this is not of today. */
const moveAgeMaxDays = 2;
/** So many days' moves are compared, … */
const recentDays = 3;
/** … with this quantile of those of the last days. */
const usualQuantile = 0.9;
const usualDays = 60;
const usualDaysMin = 14;
/** Less is never unusual: in a quiet protocol a small move of one market would be. */
const usualMin = 0.05;
/** Half of the stress is believed when so many markets moved. */
const marketsForHalfStress = 5;

/**
 * How far intervals are widened when the markets of a protocol move together, per protocol and day: 1 as long as their mean move is within
 * what was usual, else the square root of how often the usual fits into it. Each day reads days up to its own only.
 *
 * @returns the factor of a protocol's day, at least 1
 */
export function protocolStress(markets: readonly Moves[]): (protocol: string, day: number) => number {
  const factors = new Map(
    [...Map.groupBy(markets, ({ protocol }) => protocol)].map(([protocol, own]) => [
      protocol,
      factorsOf(own),
    ]),
  );
  return (protocol, day) => factors.get(protocol)?.get(day) ?? 1;
}

function factorsOf(markets: readonly Moves[]): Map<number, number> {
  const moves = new Map<number, { sum: number; count: number }>();
  for (const { firstDay, values, scales } of markets) {
    let last = -1;
    for (let offset = 0; offset < values.length; offset += 1) {
      if (Number.isNaN(at(values, offset))) continue;
      if (last >= 0 && offset - last <= moveAgeMaxDays) {
        const move = Math.abs(at(values, offset) - at(values, last)) / at(scales, last);
        const ofDay = moves.get(firstDay + offset) ?? { sum: 0, count: 0 };
        moves.set(firstDay + offset, ofDay);
        ofDay.sum += Math.min(moveMax, move);
        ofDay.count += 1;
      }
      last = offset;
    }
  }
  const meanOf = (day: number) => {
    const ofDay = moves.get(day);
    return ofDay === undefined ? undefined : ofDay.sum / ofDay.count;
  };
  return new Map(
    [...moves].map(([day, { count }]) => {
      const usual = lastDays(day - 1, usualDays).flatMap((each) => meanOf(each) ?? []);
      if (usual.length < usualDaysMin) return [day, 1];
      usual.sort((left, right) => left - right);
      const limit = Math.max(usualMin, at(usual, Math.floor(usual.length * usualQuantile)));
      const recent = Math.max(...lastDays(day, recentDays).map((each) => meanOf(each) ?? 0));
      return [day, power(Math.max(1, recent / limit), 0.5 * (count / (count + marketsForHalfStress)))];
    }),
  );
}

function lastDays(day: number, count: number): number[] {
  return Array.from({ length: count }, (_unused, back) => day - back);
}
