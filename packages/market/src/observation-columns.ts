import type { MarketObservation } from "./market-source.ts";
import { type QualityFlag, qualityFlags } from "./quality.ts";

const valueNames = ["tvl_usd", "apy", "apy_base", "apy_reward", "apy_base_borrow", "utilization"] as const;
const stateNames = ["frozen", "paused"] as const;

/** Bits of a row's mask: a value that is known each, then known and true of each state. */
const stateBit = valueNames.length;

/**
 * The observations of one market as columns of numbers: a million rows take 65 MB, where as many objects take five times
 * that. They are made into objects a market at a time, whenever somebody asks for them.
 */
export class ObservationColumns {
  #times = new Float64Array(8);
  #lines = new Uint32Array(8);
  #masks = new Uint16Array(8);
  #flags = new Uint8Array(8);
  #values = valueNames.map(() => new Float64Array(8));
  #length = 0;

  get length(): number {
    return this.#length;
  }

  /** Where the observation of this position was read: a line, or the position of a pool. */
  line(position: number): number {
    return this.#lines[position] ?? 0;
  }

  append(observation: MarketObservation, line: number): void {
    const position = this.#length;
    if (position === this.#times.length) this.#resize(Math.ceil(position * 1.5), (row) => row);
    this.#length += 1;
    this.#times[position] = observation.observed_at.getTime();
    this.#lines[position] = line;
    let mask = 0;
    for (const [column, name] of valueNames.entries()) {
      const value = observation[name];
      const values = this.#values[column];
      if (value === null || values === undefined) continue;
      values[position] = value;
      mask |= 1 << column;
    }
    for (const [index, name] of stateNames.entries()) {
      const state = observation[name];
      if (state !== null) mask |= (state ? 3 : 1) << (stateBit + 2 * index);
    }
    this.#masks[position] = mask;
  }

  /**
   * Brings the observations into the order of time, without those whose moment an earlier one has.
   *
   * @returns how many were dropped
   */
  sort(): number {
    const times = this.#times;
    const length = this.#length;
    const order = Uint32Array.from({ length }, (_, row) => row);
    const time = (row: number) => times[row] ?? 0;
    order.sort((left, right) => time(left) - time(right) || left - right);
    const kept = order.filter((row, place) => place === 0 || time(row) !== time(order[place - 1] ?? 0));
    this.#length = kept.length;
    this.#resize(kept.length, (place) => kept[place] ?? 0);
    return length - kept.length;
  }

  /** Keeps the flags of observations that `toObservations` gave. */
  setFlags(observations: readonly MarketObservation[]): void {
    for (const [position, { quality }] of observations.entries()) {
      this.#flags[position] = quality.reduce((flags, flag) => flags | (1 << qualityFlags.indexOf(flag)), 0);
    }
  }

  /** New objects, in the order of the columns. */
  toObservations(): MarketObservation[] {
    return Array.from({ length: this.#length }, (_, position) => {
      const value = (column: number) =>
        this.#has(position, column) ? (this.#values[column]?.[position] ?? null) : null;
      const state = (index: number) =>
        this.#has(position, stateBit + 2 * index) ? this.#has(position, stateBit + 2 * index + 1) : null;
      return {
        observed_at: new Date(this.#times[position] ?? 0),
        tvl_usd: value(0),
        apy: value(1),
        apy_base: value(2),
        apy_reward: value(3),
        apy_base_borrow: value(4),
        utilization: value(5),
        frozen: state(0),
        paused: state(1),
        quality: toFlags(this.#flags[position] ?? 0),
      };
    });
  }

  #has(position: number, bit: number): boolean {
    return ((this.#masks[position] ?? 0) & (1 << bit)) !== 0;
  }

  #resize(capacity: number, from: (row: number) => number): void {
    const size = Math.min(capacity, this.#length);
    const take = <TColumn extends Float64Array | Uint32Array | Uint16Array | Uint8Array>(
      old: TColumn,
      column: TColumn,
    ): TColumn => {
      for (let row = 0; row < size; row += 1) column[row] = old[from(row)] ?? 0;
      return column;
    };
    this.#times = take(this.#times, new Float64Array(capacity));
    this.#lines = take(this.#lines, new Uint32Array(capacity));
    this.#masks = take(this.#masks, new Uint16Array(capacity));
    this.#flags = take(this.#flags, new Uint8Array(capacity));
    this.#values = this.#values.map((old) => take(old, new Float64Array(capacity)));
  }
}

function toFlags(bits: number): QualityFlag[] {
  return bits === 0 ? [] : qualityFlags.filter((_, index) => (bits & (1 << index)) !== 0);
}
