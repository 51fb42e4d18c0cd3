// Casts of typed-array reads are safe: codes are bytes and every array here has 256 entries or one per gathered row.
import type { GatheredRows, Histogram } from "./histogram.ts";
import { createHistogram } from "./histogram.ts";

/**
 * The histogram of one column for a node with few rows. Most bins are empty, so the codes of the occupied ones are
 * listed: codes[0 … length), ascending. Cost grows with the rows, not with the bins.
 */
export interface OccupiedBins {
  readonly histogram: Histogram;
  readonly codes: Uint8Array;
  length: number;
  /** One bit per code that occurs. */
  readonly bitmap: Int32Array;
}

export function createOccupiedBins(countsAreWeights: boolean): OccupiedBins {
  return {
    histogram: createHistogram(256, countsAreWeights),
    codes: new Uint8Array(256),
    length: 0,
    bitmap: new Int32Array(8),
  };
}

/**
 * Sums up the occupied bins of one column, whose codes start at `codeOffset`, among the gathered rows. Before the next
 * column, `clearOccupiedBins` must be called.
 */
export function collectOccupiedBins(
  occupied: OccupiedBins,
  gathered: GatheredRows,
  codes: Uint8Array,
  codeOffset: number,
): void {
  const { bitmap } = occupied;
  const { sums, weights, counts } = occupied.histogram;
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
  listCodes(occupied);
}

/** Sets the occupied bins back to zero. */
export function clearOccupiedBins(occupied: OccupiedBins): void {
  const { codes, length } = occupied;
  const { sums, weights, counts } = occupied.histogram;
  for (let k = 0; k < length; k++) {
    const code = codes[k] as number;
    sums[code] = 0;
    weights[code] = 0;
  }
  if (counts === weights) return;
  for (let k = 0; k < length; k++) counts[codes[k] as number] = 0;
}

/** Lists the codes whose bit is set, and leaves the bitmap at zero. */
function listCodes(occupied: OccupiedBins): void {
  const { bitmap, codes } = occupied;
  let length = 0;
  for (let word = 0; word < 8; word++) {
    let bits = bitmap[word] as number;
    bitmap[word] = 0;
    while (bits !== 0) {
      codes[length++] = (word << 5) + 31 - Math.clz32(bits & -bits);
      bits &= bits - 1;
    }
  }
  occupied.length = length;
}
