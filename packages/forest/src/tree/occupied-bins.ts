// Casts of typed-array reads are safe: codes are bytes and every array here has 256 entries or one per gathered row.
import type { GatheredRows, Histogram } from "./histogram.ts";
import { createHistogram } from "./histogram.ts";

/**
 * The histogram of one column for a node with few rows. Most bins would be empty, so only the occupied ones are listed:
 * entry k has code `codes[k]`, ascending. Cost grows with the rows, not with the bins.
 */
export interface OccupiedBins {
  readonly histogram: Histogram;
  readonly codes: Uint8Array;
  length: number;
  readonly accumulator: Histogram;
  /** One bit per code that occurs. */
  readonly bitmap: Int32Array;
}

export function createOccupiedBins(countsAreWeights: boolean): OccupiedBins {
  return {
    histogram: createHistogram(256, countsAreWeights),
    codes: new Uint8Array(256),
    length: 0,
    accumulator: createHistogram(256, countsAreWeights),
    bitmap: new Int32Array(8),
  };
}

/** Lists the occupied bins of one column, whose codes start at `codeOffset`, among the gathered rows. */
export function collectOccupiedBins(
  occupied: OccupiedBins,
  gathered: GatheredRows,
  codes: Uint8Array,
  codeOffset: number,
): void {
  const { bitmap, accumulator } = occupied;
  const { sums, weights, counts } = accumulator;
  const { rows, length } = gathered;
  const rowSums = gathered.sums;
  const rowWeights = gathered.weights;
  for (let i = 0; i < length; i++) {
    const code = codes[codeOffset + (rows[i] as number)] as number;
    bitmap[code >>> 5] = (bitmap[code >>> 5] as number) | (1 << (code & 31));
    sums[code] = (sums[code] as number) + (rowSums[i] as number);
    weights[code] = (weights[code] as number) + (rowWeights[i] as number);
  }
  if (!gathered.countsAreWeights) {
    const rowCounts = gathered.counts;
    for (let i = 0; i < length; i++) {
      const code = codes[codeOffset + (rows[i] as number)] as number;
      counts[code] = (counts[code] as number) + (rowCounts[i] as number);
    }
  }
  drainAccumulator(occupied);
}

/** Moves the accumulated sums to the list in code order, and leaves the accumulator and the bitmap at zero. */
function drainAccumulator(occupied: OccupiedBins): void {
  const { bitmap, accumulator, histogram } = occupied;
  const hasCounts = histogram.counts !== histogram.weights;
  let length = 0;
  for (let word = 0; word < 8; word++) {
    let bits = bitmap[word] as number;
    bitmap[word] = 0;
    while (bits !== 0) {
      const code = (word << 5) + 31 - Math.clz32(bits & -bits);
      bits &= bits - 1;
      occupied.codes[length] = code;
      histogram.sums[length] = accumulator.sums[code] as number;
      histogram.weights[length] = accumulator.weights[code] as number;
      if (hasCounts) {
        histogram.counts[length] = accumulator.counts[code] as number;
        accumulator.counts[code] = 0;
      }
      accumulator.sums[code] = 0;
      accumulator.weights[code] = 0;
      length++;
    }
  }
  occupied.length = length;
}
