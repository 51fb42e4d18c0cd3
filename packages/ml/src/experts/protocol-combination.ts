import type { ProtocolRows } from "../forecast/protocol-rows.ts";
import { at } from "../numbers.ts";
import { DelayedWeights, type WeightsState } from "./delayed-weights.ts";
import type { ReplayOptions } from "./expert-combination.ts";

/** What the two say of a protocol begins with as much weight: its last value, and the forecasts of its markets, weighted. */
const prior = [0.5, 0.5] as const;

/**
 * Forecasts of protocols as the weighted mean of their last value and of what the forecasts of their markets add up to. What is best for
 * each market need not be for their sum: errors that markets share do not cancel, and those of the last value often do. Weights are
 * learned online from the protocols' own outcomes as they become known, as those of markets are (see {@link DelayedWeights}), from all
 * protocols together: a round is a day, and its loss the mean over protocols of the absolute error relative to 1 + the last value.
 */
export class ProtocolCombination {
  readonly #weights: DelayedWeights;
  readonly #horizonDays: number;

  constructor(horizonDays: number, state?: WeightsState) {
    this.#weights = new DelayedWeights(prior, horizonDays, state);
    this.#horizonDays = horizonDays;
  }

  get state(): WeightsState {
    return this.#weights.state;
  }

  /** The weights as of what was learned so far; they sum to 1. */
  get weights(): { lastValue: number; markets: number } {
    const [lastValue = 0, markets = 0] = this.#weights.weights(prior);
    return { lastValue, markets };
  }

  /** Goes through rows by day, forecasts each and learns on the way. O(rows). @returns the forecasts, aligned with the rows, natural units */
  replay(
    rows: ProtocolRows,
    { lastDay, learnFromDay = Number.NEGATIVE_INFINITY }: ReplayOptions,
  ): Float64Array {
    const count = rows.days.length;
    const values = new Float64Array(count);
    let settled = 0;
    const settle = (day: number) => {
      while (settled < count && at(rows.days, settled) + this.#horizonDays <= day) {
        const end = endOfDay(rows, settled);
        if (at(rows.days, settled) >= learnFromDay) this.#learn(rows, values, { start: settled, end });
        settled = end;
      }
    };
    for (let start = 0; start < count; start = endOfDay(rows, start)) {
      settle(at(rows.days, start));
      const { lastValue, markets } = this.weights;
      for (let index = start; index < endOfDay(rows, start); index += 1) {
        values[index] = lastValue * at(rows.lastValues, index) + markets * at(rows.markets, index);
      }
    }
    settle(lastDay);
    return values;
  }

  #learn(rows: ProtocolRows, values: Float64Array, { start, end }: { start: number; end: number }): void {
    const sums = [0, 0];
    let known = 0;
    for (let index = start; index < end; index += 1) {
      const outcome = at(rows.outcomes, index);
      if (Number.isNaN(outcome)) continue;
      known += 1;
      const value = at(values, index);
      const slope = Math.sign(value - outcome) / (1 + Math.abs(at(rows.lastValues, index)));
      [at(rows.lastValues, index), at(rows.markets, index)].forEach((each, expert) => {
        sums[expert] = at(sums, expert) + slope * (each - value);
      });
    }
    if (known > 0) this.#weights.learn(sums.map((sum) => sum / known));
  }
}

/** Where the rows of the day at `start` end. */
function endOfDay({ days }: ProtocolRows, start: number): number {
  let end = start;
  while (end < days.length && at(days, end) === at(days, start)) end += 1;
  return end;
}
