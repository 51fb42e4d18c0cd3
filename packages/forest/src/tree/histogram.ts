// Casts of typed-array reads are safe: positions stay within [start, end) of the row order, and codes stay below the
// histogram size because binning produced both.
import type { BinnedMatrix } from "./binning.ts";

/**
 * What tree growth needs to know about each row: `sums[r]` is the weighted target (or negative gradient), `weights[r]`
 * the weight, `counts[r]` how many samples the row stands for. Without weights each row weighs 1; without counts a
 * row's count is its weight.
 */
export interface RowStatistics {
  readonly sums: Float64Array;
  readonly weights?: Float64Array;
  readonly counts?: Float64Array;
}

/** The statistics of a contiguous part of the row order, copied side by side so that reading them is sequential. */
export interface GatheredRows {
  readonly rows: Uint32Array;
  readonly sums: Float64Array;
  readonly weights: Float64Array;
  readonly counts: Float64Array;
  /** Rows weigh 1 each; `weights` and `counts` then stay all 1. */
  readonly isUnit: boolean;
  /** `counts` is the same array as `weights`. */
  readonly countsAreWeights: boolean;
  length: number;
}

/** Sums per code of every column; `counts` is the same array as `weights` when rows count what they weigh. */
export interface Histogram {
  readonly sums: Float64Array;
  readonly weights: Float64Array;
  readonly counts: Float64Array;
}

export function createHistogram(size: number, countsAreWeights: boolean): Histogram {
  const weights = new Float64Array(size);
  return {
    sums: new Float64Array(size),
    weights,
    counts: countsAreWeights ? weights : new Float64Array(size),
  };
}

export function createGatheredRows(capacity: number, statistics: RowStatistics): GatheredRows {
  const countsAreWeights = statistics.counts === undefined;
  const weights = new Float64Array(capacity).fill(1);
  return {
    rows: new Uint32Array(capacity),
    sums: new Float64Array(capacity),
    weights,
    counts: countsAreWeights ? weights : new Float64Array(capacity),
    isUnit: statistics.weights === undefined,
    countsAreWeights,
    length: 0,
  };
}

/** Copies the statistics of order[start] … order[end - 1] into `gathered`. Runs per node: no options object, no garbage. */
export function gatherRows(
  gathered: GatheredRows,
  statistics: RowStatistics,
  order: Uint32Array,
  start: number,
  end: number,
): void {
  const { rows, sums, weights, counts } = gathered;
  const rowSums = statistics.sums;
  const length = end - start;
  gathered.length = length;
  for (let i = 0; i < length; i++) {
    const row = order[start + i] as number;
    rows[i] = row;
    sums[i] = rowSums[row] as number;
  }
  if (statistics.weights !== undefined) {
    const rowWeights = statistics.weights;
    for (let i = 0; i < length; i++) weights[i] = rowWeights[rows[i] as number] as number;
  }
  if (statistics.counts !== undefined) {
    const rowCounts = statistics.counts;
    for (let i = 0; i < length; i++) counts[i] = rowCounts[rows[i] as number] as number;
  }
}

/**
 * Adds (sign 1) or takes away (sign -1) the gathered rows. O(rows · columns). Columns go two at a time, which reads every
 * row's statistics half as often.
 */
export function addToHistogram(
  histogram: Histogram,
  binned: BinnedMatrix,
  columns: Uint32Array,
  gathered: GatheredRows,
  sign: 1 | -1,
): void {
  const addPair = gathered.isUnit ? addUnitPair : addWeightedPair;
  for (let k = 0; k + 1 < columns.length; k += 2) {
    addPair(histogram, gathered, binned, columns[k] as number, columns[k + 1] as number, sign);
  }
  if (columns.length % 2 === 1) {
    addColumn(histogram, gathered, binned, columns[columns.length - 1] as number, sign);
  }
  if (gathered.countsAreWeights) return;
  for (let k = 0; k < columns.length; k++) {
    addCounts(histogram, gathered, binned, columns[k] as number, sign);
  }
}

function addUnitPair(
  histogram: Histogram,
  gathered: GatheredRows,
  binned: BinnedMatrix,
  columnA: number,
  columnB: number,
  sign: number,
): void {
  const { sums, weights } = histogram;
  const { rows, length } = gathered;
  const rowSums = gathered.sums;
  const { codes, rowCount, histogramOffsets } = binned;
  const codesA = columnA * rowCount;
  const codesB = columnB * rowCount;
  const offsetA = histogramOffsets[columnA] as number;
  const offsetB = histogramOffsets[columnB] as number;
  for (let i = 0; i < length; i++) {
    const row = rows[i] as number;
    const sum = sign * (rowSums[i] as number);
    const binA = offsetA + (codes[codesA + row] as number);
    const binB = offsetB + (codes[codesB + row] as number);
    sums[binA] = (sums[binA] as number) + sum;
    weights[binA] = (weights[binA] as number) + sign;
    sums[binB] = (sums[binB] as number) + sum;
    weights[binB] = (weights[binB] as number) + sign;
  }
}

function addWeightedPair(
  histogram: Histogram,
  gathered: GatheredRows,
  binned: BinnedMatrix,
  columnA: number,
  columnB: number,
  sign: number,
): void {
  const { sums, weights } = histogram;
  const { rows, length } = gathered;
  const rowSums = gathered.sums;
  const rowWeights = gathered.weights;
  const { codes, rowCount, histogramOffsets } = binned;
  const codesA = columnA * rowCount;
  const codesB = columnB * rowCount;
  const offsetA = histogramOffsets[columnA] as number;
  const offsetB = histogramOffsets[columnB] as number;
  for (let i = 0; i < length; i++) {
    const row = rows[i] as number;
    const sum = sign * (rowSums[i] as number);
    const weight = sign * (rowWeights[i] as number);
    const binA = offsetA + (codes[codesA + row] as number);
    const binB = offsetB + (codes[codesB + row] as number);
    sums[binA] = (sums[binA] as number) + sum;
    weights[binA] = (weights[binA] as number) + weight;
    sums[binB] = (sums[binB] as number) + sum;
    weights[binB] = (weights[binB] as number) + weight;
  }
}

/** The last column, when their number is odd; serves unit rows, too, as their weights are all 1. */
function addColumn(
  histogram: Histogram,
  gathered: GatheredRows,
  binned: BinnedMatrix,
  column: number,
  sign: number,
): void {
  const { sums, weights } = histogram;
  const { rows, length } = gathered;
  const rowSums = gathered.sums;
  const rowWeights = gathered.weights;
  const { codes } = binned;
  const codeOffset = column * binned.rowCount;
  const offset = binned.histogramOffsets[column] as number;
  for (let i = 0; i < length; i++) {
    const bin = offset + (codes[codeOffset + (rows[i] as number)] as number);
    sums[bin] = (sums[bin] as number) + sign * (rowSums[i] as number);
    weights[bin] = (weights[bin] as number) + sign * (rowWeights[i] as number);
  }
}

function addCounts(
  histogram: Histogram,
  gathered: GatheredRows,
  binned: BinnedMatrix,
  column: number,
  sign: number,
): void {
  const counts = histogram.counts;
  const { codes } = binned;
  const codeOffset = column * binned.rowCount;
  const offset = binned.histogramOffsets[column] as number;
  const { rows, length } = gathered;
  const rowCounts = gathered.counts;
  for (let i = 0; i < length; i++) {
    const bin = offset + (codes[codeOffset + (rows[i] as number)] as number);
    counts[bin] = (counts[bin] as number) + sign * (rowCounts[i] as number);
  }
}

export function clearHistogram(histogram: Histogram): void {
  histogram.sums.fill(0);
  histogram.weights.fill(0);
  if (histogram.counts !== histogram.weights) histogram.counts.fill(0);
}

/** Turns a parent's histogram into that of one child by taking away the other child's. O(bins). */
export function subtractHistogram(parent: Histogram, child: Histogram): void {
  subtractInto(parent.sums, child.sums);
  subtractInto(parent.weights, child.weights);
  if (parent.counts !== parent.weights) subtractInto(parent.counts, child.counts);
}

function subtractInto(target: Float64Array, other: Float64Array): void {
  for (let i = 0; i < target.length; i++) target[i] = (target[i] as number) - (other[i] as number);
}

/** Sums up the gathered rows into the node fields of `totals`. */
export function sumGatheredRows(
  gathered: GatheredRows,
  totals: { nodeSum: number; nodeWeight: number; nodeCount: number },
): void {
  const { sums, weights, counts, length } = gathered;
  let sum = 0;
  let weight = 0;
  let count = 0;
  for (let i = 0; i < length; i++) {
    sum += sums[i] as number;
    weight += weights[i] as number;
    count += counts[i] as number;
  }
  totals.nodeSum = sum;
  totals.nodeWeight = weight;
  totals.nodeCount = count;
}
