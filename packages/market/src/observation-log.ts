import type { MarketObservation } from "./market-source.ts";
import { type QualityFlag, qualityFlags } from "./quality.ts";

const valueNames = ["tvl_usd", "apy", "apy_base", "apy_reward", "apy_base_borrow", "utilization"] as const;
const stateNames = ["frozen", "paused"] as const;

/** Bits of a row's mask: a value that is known each, then known and true of each state. */
const stateBit = valueNames.length;

/** A value of two rows that should be the same. */
export interface ValueDifference {
  readonly name: (typeof valueNames)[number] | (typeof stateNames)[number];
  readonly value: number | boolean | null;
  readonly other: number | boolean | null;
}

/** How rows belong together. */
export interface MarketGroups {
  /** How many numbers rows were added under. */
  readonly count: number;
  /** Those of each market; rows under others are left out. */
  readonly numbers: readonly (readonly number[])[];
  /** Hears of each row that is left out for an earlier one of its moment, which is kept. */
  readonly onDuplicate: (row: number, kept: number) => void;
}

/** A chunk has 2 to the power of this many rows. */
const chunkBits = 16;
const chunkRows = 1 << chunkBits;

/** Columns of as many rows as a chunk has. */
interface Chunk {
  readonly markets: Uint32Array;
  readonly lines: Uint32Array;
  readonly times: Float64Array;
  readonly masks: Uint16Array;
  readonly flags: Uint16Array;
  readonly values: readonly Float64Array[];
}

/**
 * The observations of all markets in the order in which they came, as columns of numbers: a million rows take 70 MB, where as
 * many objects take five times that. Nothing is moved as it grows. They are made into objects a market at a time, whenever
 * somebody asks for them.
 */
export class ObservationLog {
  readonly #chunks: Chunk[] = [];
  #length = 0;

  /**
   * Adds an observation.
   *
   * @param market a number of the caller's, from 0 on
   * @param line where it was read
   */
  append(market: number, observation: MarketObservation, line: number): void {
    const row = this.#length;
    const place = row % chunkRows;
    if (place === 0) this.#chunks.push(createChunk());
    this.#length += 1;
    const chunk = this.#chunk(row);
    chunk.markets[place] = market;
    chunk.lines[place] = line;
    chunk.times[place] = observation.observed_at.getTime();
    let mask = 0;
    for (let column = 0; column < valueNames.length; column += 1) {
      const name = valueNames[column];
      const value = name === undefined ? null : observation[name];
      const values = chunk.values[column];
      if (value === null || values === undefined) continue;
      values[place] = value;
      mask |= 1 << column;
    }
    for (let index = 0; index < stateNames.length; index += 1) {
      const name = stateNames[index];
      const state = name === undefined ? null : observation[name];
      if (state !== null) mask |= (state ? 3 : 1) << (stateBit + 2 * index);
    }
    chunk.masks[place] = mask;
  }

  /** The rows of each market in the order of time, without those whose moment an earlier row has. O(n log n). */
  groupByMarket({ count, numbers, onDuplicate }: MarketGroups): Uint32Array[] {
    const groupOf = new Int32Array(count).fill(-1);
    for (const [group, ofMarket] of numbers.entries()) {
      for (const number of ofMarket) groupOf[number] = group;
    }
    const groupOfRow = (row: number) => groupOf[this.#chunk(row).markets[row % chunkRows] ?? 0] ?? -1;
    const sizes = new Uint32Array(numbers.length);
    for (let row = 0; row < this.#length; row += 1) {
      const group = groupOfRow(row);
      if (group >= 0) sizes[group] = (sizes[group] ?? 0) + 1;
    }
    const groups = Array.from(sizes, (size) => new Uint32Array(size));
    sizes.fill(0);
    for (let row = 0; row < this.#length; row += 1) {
      const group = groupOfRow(row);
      const rows = groups[group];
      if (rows === undefined) continue;
      const place = sizes[group] ?? 0;
      rows[place] = row;
      sizes[group] = place + 1;
    }
    return groups.map((rows) => this.#inOrder(rows, onDuplicate));
  }

  /** Where a row was read: a line, or the position of a pool. */
  line(row: number): number {
    return this.#chunk(row).lines[row % chunkRows] ?? 0;
  }

  moment(row: number): Date {
    return new Date(this.#chunk(row).times[row % chunkRows] ?? 0);
  }

  /** Keeps the flags of observations that `toObservations` gave for these rows. */
  setFlags(rows: Uint32Array, observations: readonly MarketObservation[]): void {
    for (let index = 0; index < rows.length; index += 1) {
      const row = rows[index] ?? 0;
      const quality = observations[index]?.quality ?? [];
      this.#chunk(row).flags[row % chunkRows] = quality.reduce(
        (flags, flag) => flags | (1 << qualityFlags.indexOf(flag)),
        0,
      );
    }
  }

  /** New objects, in the order of the rows. */
  toObservations(rows: Uint32Array): MarketObservation[] {
    return Array.from(rows, (row) => {
      const chunk = this.#chunk(row);
      const place = row % chunkRows;
      const mask = chunk.masks[place] ?? 0;
      const has = (bit: number) => (mask & (1 << bit)) !== 0;
      const value = (column: number) => (has(column) ? (chunk.values[column]?.[place] ?? null) : null);
      const state = (index: number) => (has(stateBit + 2 * index) ? has(stateBit + 2 * index + 1) : null);
      return {
        observed_at: new Date(chunk.times[place] ?? 0),
        tvl_usd: value(0),
        apy: value(1),
        apy_base: value(2),
        apy_reward: value(3),
        apy_base_borrow: value(4),
        utilization: value(5),
        frozen: state(0),
        paused: state(1),
        quality: toFlags(chunk.flags[place] ?? 0),
      };
    });
  }

  /** The first value that two rows do not have in common; undefined when they say the same. */
  findDifference(row: number, other: number): ValueDifference | undefined {
    const [mine, theirs] = this.toObservations(Uint32Array.of(row, other));
    const name = [...valueNames, ...stateNames].find((each) => mine?.[each] !== theirs?.[each]);
    if (name === undefined || mine === undefined || theirs === undefined) return undefined;
    return { name, value: mine[name], other: theirs[name] };
  }

  #inOrder(rows: Uint32Array, onDuplicate: (row: number, kept: number) => void): Uint32Array {
    const time = (row: number) => this.#chunk(row).times[row % chunkRows] ?? 0;
    if (rows.every((row, place) => place === 0 || time(row) > time(rows[place - 1] ?? 0))) return rows;
    rows.sort((left, right) => time(left) - time(right) || left - right);
    let kept = -1;
    return rows.filter((row) => {
      if (kept >= 0 && time(row) === time(kept)) {
        onDuplicate(row, kept);
        return false;
      }
      kept = row;
      return true;
    });
  }

  #chunk(row: number): Chunk {
    const chunk = this.#chunks[row >>> chunkBits];
    if (chunk === undefined) throw new RangeError(`There is no row ${row}.`);
    return chunk;
  }
}

function createChunk(): Chunk {
  return {
    markets: new Uint32Array(chunkRows),
    lines: new Uint32Array(chunkRows),
    times: new Float64Array(chunkRows),
    masks: new Uint16Array(chunkRows),
    flags: new Uint16Array(chunkRows),
    values: valueNames.map(() => new Float64Array(chunkRows)),
  };
}

function toFlags(bits: number): QualityFlag[] {
  return bits === 0 ? [] : qualityFlags.filter((_, index) => (bits & (1 << index)) !== 0);
}
