// Casts of typed-array reads are safe: positions stay within [0, length).

/** Values with their weights (1 each when undefined), reordered by `weightedQuantile`. */
export interface WeightedValues {
  readonly values: Float64Array;
  readonly weights: Float64Array | undefined;
  /** How many leading entries are in use; at least 1. */
  length: number;
}

/**
 * The weighted quantile: the smallest value whose cumulative weight reaches `level` of the total; when it reaches it
 * exactly, the middle between that value and the next (so the median of 1, 2, 3, 4 is 2.5). It minimises the weighted
 * absolute (level 0.5) or quantile loss. Reorders its input; quickselect, O(length) on average, no allocation.
 */
export function weightedQuantile(input: WeightedValues, level: number): number {
  const { values, weights, length } = input;
  let remaining = level * totalWeight(input);
  let low = 0;
  let high = length - 1;
  while (low < high) {
    const boundary = partitionAroundMiddle(input, low, high);
    const lowerWeight = weightBetween(weights, low, boundary);
    if (lowerWeight >= remaining) {
      high = boundary - 1;
    } else {
      remaining -= lowerWeight;
      low = boundary;
    }
  }
  const value = values[low] as number;
  const isExact = (weights === undefined ? 1 : (weights[low] as number)) === remaining;
  if (!isExact || low === length - 1) return value;
  // Everything after `low` is at least as large, because quickselect left it in its sorted place.
  let next = values[low + 1] as number;
  for (let i = low + 2; i < length; i++) if ((values[i] as number) < next) next = values[i] as number;
  return value * 0.5 + next * 0.5;
}

/** Hoare partition: afterwards [low, boundary) ≤ [boundary, high], both sides non-empty; returns the boundary. */
function partitionAroundMiddle(input: WeightedValues, low: number, high: number): number {
  const { values, weights } = input;
  const pivot = values[(low + high) >>> 1] as number;
  let i = low;
  let j = high;
  for (;;) {
    while ((values[i] as number) < pivot) i++;
    while ((values[j] as number) > pivot) j--;
    if (i >= j) break;
    const value = values[i] as number;
    values[i] = values[j] as number;
    values[j] = value;
    if (weights !== undefined) {
      const weight = weights[i] as number;
      weights[i] = weights[j] as number;
      weights[j] = weight;
    }
    i++;
    j--;
  }
  // When the scans meet on the pivot itself at the low end, the left side would be empty without this.
  return i === low ? low + 1 : i;
}

function totalWeight(input: WeightedValues): number {
  return input.weights === undefined ? input.length : weightBetween(input.weights, 0, input.length);
}

function weightBetween(weights: Float64Array | undefined, from: number, to: number): number {
  if (weights === undefined) return to - from;
  let sum = 0;
  for (let i = from; i < to; i++) sum += weights[i] as number;
  return sum;
}
