// Casts of typed-array reads are safe: entries run from `offset` for `length` places inside the histogram.
import type { Histogram } from "./histogram.ts";

/**
 * The node being split and the best split found so far. Mutable, one per tree grower, so that searching allocates
 * nothing. A split sends codes up to `bestBin` left; `bestMissing` says where missing values go.
 */
export interface SplitSearch {
  readonly l2: number;
  readonly minSamplesLeaf: number;
  /** Whether a monotone constraint exists, so that child values must stay within [lower, upper]. */
  readonly isBounded: boolean;
  nodeSum: number;
  nodeWeight: number;
  nodeCount: number;
  lower: number;
  upper: number;
  bestScore: number;
  bestFeature: number;
  bestBin: number;
  bestMissing: number;
  /** Whether the column being searched is missing in a row of this node. */
  columnHasMissing: boolean;
  bestLeftSum: number;
  bestLeftWeight: number;
  bestLeftCount: number;
}

/** Candidate bins of one column: `length` histogram entries from `offset`; entry k has code `codes[k]`. */
export interface SplitCandidates {
  readonly histogram: Histogram;
  readonly offset: number;
  readonly length: number;
  readonly codes: Uint8Array;
  /** The monotone direction of the column: -1, 0 or 1. */
  readonly direction: number;
}

/** Where a split sends missing values: values of `bestMissing`. Unseen: the node had none to learn from. */
const missingRight = 0;
export const missingLeft = 1;
export const missingUnseen = 2;

/** A split must beat the unsplit node by this relative margin, so that rounding noise never splits a pure node. */
const minRelativeGain = 1e-12;

export function createSplitSearch(l2: number, minSamplesLeaf: number, isBounded: boolean): SplitSearch {
  return {
    l2,
    minSamplesLeaf,
    isBounded,
    // Fractions make the engine keep these fields as unboxed doubles from the start.
    nodeSum: 0.5,
    nodeWeight: 0.5,
    nodeCount: 0.5,
    lower: 0.5,
    upper: 0.5,
    bestScore: 0.5,
    bestFeature: -1,
    bestBin: 0,
    bestMissing: missingRight,
    columnHasMissing: false,
    bestLeftSum: 0.5,
    bestLeftWeight: 0.5,
    bestLeftCount: 0.5,
  };
}

/** Forgets the best split and sets the score that a split has to beat; the node fields must be set before. */
export function startSplitSearch(search: SplitSearch): void {
  const denominator = search.nodeWeight + search.l2;
  const score = search.isBounded
    ? boundedScore(search.nodeSum, denominator, leafValue(search, search.nodeSum, search.nodeWeight))
    : (search.nodeSum * search.nodeSum) / denominator;
  search.bestScore = score + Math.abs(score) * minRelativeGain;
  search.bestFeature = -1;
}

/** The value of a leaf: the (regularised) mean, limited to the node's bounds. */
export function leafValue(search: SplitSearch, sum: number, weight: number): number {
  const value = sum / (weight + search.l2);
  return Math.min(Math.max(value, search.lower), search.upper);
}

/**
 * Searches one column for a better split than the best so far: the reduction of the squared error, as in XGBoost (Chen
 * and Guestrin, 2016, equation 7) and LightGBM. The cut is put in the middle of a run of empty bins. When the last entry
 * is the missing bin, both directions are tried, and also "present against missing".
 */
export function searchColumn(
  search: SplitSearch,
  candidates: SplitCandidates,
  feature: number,
  finiteBinCount: number,
): void {
  const { histogram, offset, codes } = candidates;
  let length = candidates.length;
  let missingCount = 0;
  const last = length - 1;
  if (last >= 0 && (codes[last] as number) === finiteBinCount) {
    missingCount = histogram.counts[offset + last] as number;
    length = last;
  }
  search.columnHasMissing = missingCount > 0;
  scanRightwards(search, candidates, length, feature, 0, 0, 0);
  if (missingCount > 0) {
    const sum = histogram.sums[offset + last] as number;
    const weight = histogram.weights[offset + last] as number;
    considerMissingAlone(search, feature, finiteBinCount, sum, weight, missingCount);
    scanRightwards(search, candidates, length, feature, sum, weight, missingCount);
  }
}

/** Tries every boundary between neighbouring occupied bins; the missing rows are on the left when they are passed. */
function scanRightwards(
  search: SplitSearch,
  candidates: SplitCandidates,
  length: number,
  feature: number,
  missingSum: number,
  missingWeight: number,
  missingCount: number,
): void {
  const { sums, weights, counts } = candidates.histogram;
  const { offset, codes, direction } = candidates;
  const { nodeSum, nodeWeight, nodeCount, l2, minSamplesLeaf, isBounded } = search;
  let bestScore = search.bestScore;
  let leftSum = missingSum;
  let leftWeight = missingWeight;
  let leftCount = missingCount;
  let previous = -1;
  for (let k = 0; k < length; k++) {
    const count = counts[offset + k] as number;
    if (count === 0) continue;
    if (previous >= 0 && leftCount >= minSamplesLeaf) {
      if (nodeCount - leftCount < minSamplesLeaf) break;
      const rightSum = nodeSum - leftSum;
      const rightWeight = nodeWeight - leftWeight;
      const score = isBounded
        ? constrainedScore(search, direction, leftSum, leftWeight)
        : (leftSum * leftSum) / (leftWeight + l2) + (rightSum * rightSum) / (rightWeight + l2);
      // Weights can cancel to nothing by rounding when they differ by many orders of magnitude.
      if (score > bestScore && leftWeight > 0 && rightWeight > 0) {
        bestScore = score;
        const bin = (previous + (codes[k] as number) - 1) >> 1;
        const missing =
          missingCount > 0 ? missingLeft : search.columnHasMissing ? missingRight : missingUnseen;
        recordBest(search, feature, bin, missing);
        recordLeft(search, score, leftSum, leftWeight, leftCount);
      }
    }
    leftSum += sums[offset + k] as number;
    leftWeight += weights[offset + k] as number;
    leftCount += count;
    previous = codes[k] as number;
  }
}

/** Tries the split that sends every present value left and every missing value right. */
function considerMissingAlone(
  search: SplitSearch,
  feature: number,
  finiteBinCount: number,
  missingSum: number,
  missingWeight: number,
  missingCount: number,
): void {
  const leftCount = search.nodeCount - missingCount;
  if (leftCount < search.minSamplesLeaf || leftCount === 0 || missingCount < search.minSamplesLeaf) return;
  const leftSum = search.nodeSum - missingSum;
  const leftWeight = search.nodeWeight - missingWeight;
  // Missing is neither below nor above a present value, so the monotone direction does not apply.
  const score = search.isBounded
    ? constrainedScore(search, 0, leftSum, leftWeight)
    : (leftSum * leftSum) / (leftWeight + search.l2) +
      (missingSum * missingSum) / (missingWeight + search.l2);
  if (score > search.bestScore && leftWeight > 0 && missingWeight > 0) {
    recordBest(search, feature, finiteBinCount - 1, missingRight);
    recordLeft(search, score, leftSum, leftWeight, leftCount);
  }
}

/** The score with both values limited to the bounds; -Infinity when they break the monotone direction. */
function constrainedScore(
  search: SplitSearch,
  direction: number,
  leftSum: number,
  leftWeight: number,
): number {
  const rightSum = search.nodeSum - leftSum;
  const rightWeight = search.nodeWeight - leftWeight;
  const left = leafValue(search, leftSum, leftWeight);
  const right = leafValue(search, rightSum, rightWeight);
  if (direction * (right - left) < 0) return Number.NEGATIVE_INFINITY;
  return (
    boundedScore(leftSum, leftWeight + search.l2, left) +
    boundedScore(rightSum, rightWeight + search.l2, right)
  );
}

/** How much the squared error falls when the rows get `value`; equals sum² / denominator at the best value. */
function boundedScore(sum: number, denominator: number, value: number): number {
  return value * (2 * sum - denominator * value);
}

function recordBest(search: SplitSearch, feature: number, bin: number, missing: number): void {
  search.bestFeature = feature;
  search.bestBin = bin;
  search.bestMissing = missing;
}

function recordLeft(search: SplitSearch, score: number, sum: number, weight: number, count: number): void {
  search.bestScore = score;
  search.bestLeftSum = sum;
  search.bestLeftWeight = weight;
  search.bestLeftCount = count;
}
