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
  /** What the left side holds before the first bin: the rows of the missing bin, when those go left. */
  startSum: number;
  startWeight: number;
  startCount: number;
  bestLeftSum: number;
  bestLeftWeight: number;
  bestLeftCount: number;
}

/** Candidate bins of one column: those of the codes codes[0 … length), ascending; code c is histogram entry `offset` + c. */
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
    startSum: 0.5,
    startWeight: 0.5,
    startCount: 0.5,
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
    missingCount = histogram.counts[offset + finiteBinCount] as number;
    length = last;
  }
  const scan = search.isBounded ? scanBounded : scanRightwards;
  search.columnHasMissing = missingCount > 0;
  search.startSum = 0;
  search.startWeight = 0;
  search.startCount = 0;
  scan(search, candidates, length, feature);
  if (missingCount > 0) {
    const sum = histogram.sums[offset + finiteBinCount] as number;
    const weight = histogram.weights[offset + finiteBinCount] as number;
    considerMissingAlone(search, feature, finiteBinCount, sum, weight, missingCount);
    search.startSum = sum;
    search.startWeight = weight;
    search.startCount = missingCount;
    scan(search, candidates, length, feature);
  }
}

/**
 * Tries every boundary between neighbouring occupied bins. Empty bins are not skipped, because that branch would be
 * mispredicted often; they only cannot be the best.
 */
function scanRightwards(
  search: SplitSearch,
  candidates: SplitCandidates,
  length: number,
  feature: number,
): void {
  const { sums, weights, counts } = candidates.histogram;
  const { offset, codes } = candidates;
  const { nodeSum, nodeWeight, nodeCount, l2, minSamplesLeaf } = search;
  let bestScore = search.bestScore;
  let bestPlace = -1;
  let bestLeftSum = 0;
  let bestLeftWeight = 0;
  let bestLeftCount = 0;
  // Taken from fields, not from parameters: the engine knows fields to be doubles, and so keeps these unboxed.
  const startCount = search.startCount;
  let leftSum = search.startSum;
  let leftWeight = search.startWeight;
  let leftCount = startCount;
  for (let k = 0; k < length; k++) {
    const entry = offset + (codes[k] as number);
    const count = counts[entry] as number;
    const rightSum = nodeSum - leftSum;
    const leftDenominator = leftWeight + l2;
    const rightDenominator = nodeWeight - leftWeight + l2;
    // leftSum² / leftDenominator + rightSum² / rightDenominator as one fraction, which only a new best divides out.
    const numerator = leftSum * leftSum * rightDenominator + rightSum * rightSum * leftDenominator;
    const denominator = leftDenominator * rightDenominator;
    if (
      numerator > bestScore * denominator &&
      count > 0 &&
      leftCount > startCount &&
      leftCount >= minSamplesLeaf &&
      nodeCount - leftCount >= minSamplesLeaf &&
      // Weights can cancel to nothing by rounding when they differ by many orders of magnitude.
      leftWeight > 0 &&
      nodeWeight > leftWeight
    ) {
      bestScore = numerator / denominator;
      bestPlace = k;
      bestLeftSum = leftSum;
      bestLeftWeight = leftWeight;
      bestLeftCount = leftCount;
    }
    leftSum += sums[entry] as number;
    leftWeight += weights[entry] as number;
    leftCount += count;
  }
  if (bestPlace < 0) return;
  recordBest(search, feature, middleBin(candidates, bestPlace), missingSide(search));
  recordLeft(search, bestScore, bestLeftSum, bestLeftWeight, bestLeftCount);
}

/** The same with child values limited to the node's bounds and kept in the column's direction. */
function scanBounded(
  search: SplitSearch,
  candidates: SplitCandidates,
  length: number,
  feature: number,
): void {
  const { sums, weights, counts } = candidates.histogram;
  const { offset, codes, direction } = candidates;
  const { nodeWeight, nodeCount, minSamplesLeaf, startCount } = search;
  let leftSum = search.startSum;
  let leftWeight = search.startWeight;
  let leftCount = startCount;
  for (let k = 0; k < length; k++) {
    const entry = offset + (codes[k] as number);
    const count = counts[entry] as number;
    const isAllowed =
      count > 0 &&
      leftCount > startCount &&
      leftCount >= minSamplesLeaf &&
      nodeCount - leftCount >= minSamplesLeaf &&
      leftWeight > 0 &&
      nodeWeight > leftWeight;
    if (isAllowed) {
      const score = constrainedScore(search, direction, leftSum, leftWeight);
      if (score > search.bestScore) {
        recordBest(search, feature, middleBin(candidates, k), missingSide(search));
        recordLeft(search, score, leftSum, leftWeight, leftCount);
      }
    }
    leftSum += sums[entry] as number;
    leftWeight += weights[entry] as number;
    leftCount += count;
  }
}

/** Where the split being tried sends missing values. */
function missingSide(search: SplitSearch): number {
  if (search.startCount > 0) return missingLeft;
  return search.columnHasMissing ? missingRight : missingUnseen;
}

/** The bin to cut after: the middle of the empty bins before an occupied one. */
function middleBin({ histogram, offset, codes }: SplitCandidates, place: number): number {
  let previous = place - 1;
  while (previous > 0 && histogram.counts[offset + (codes[previous] as number)] === 0) previous--;
  return ((codes[previous] as number) + (codes[place] as number) - 1) >> 1;
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
