import { power, square } from "../deterministic-math.ts";
import { at, clamp } from "../numbers.ts";

/**
 * Trailing-window statistics on a daily grid (NaN = no observation). The window at day d is the calendar days
 * d − window + 1 … d, so no value after d is ever read: this is what keeps features free of look-ahead.
 * Each window is summed afresh: O(n·window), without the drift of running sums on heavy-tailed values.
 */
export function trailingMean(values: Float64Array, window: number, countMin = 1): Float64Array {
  return overWindows(values, window, countMin, meanOf);
}

/** Trailing sample standard deviation (n − 1 in the denominator), two passes per window. */
export function trailingDeviation(values: Float64Array, window: number, countMin = 2): Float64Array {
  return overWindows(values, window, Math.max(2, countMin), sampleDeviation);
}

/** Trailing median. */
export function trailingMedian(values: Float64Array, window: number, countMin = 1): Float64Array {
  return overWindows(values, window, countMin, (buffer, count) => {
    const sorted = buffer.subarray(0, count).sort();
    const middle = count >> 1;
    return count % 2 === 1 ? at(sorted, middle) : (at(sorted, middle - 1) + at(sorted, middle)) / 2;
  });
}

/** Trailing mean absolute deviation around the window's own mean. */
export function trailingAbsoluteDeviation(values: Float64Array, window: number, countMin = 1): Float64Array {
  return overWindows(values, window, countMin, (buffer, count) => {
    const centre = meanOf(buffer, count);
    let sum = 0;
    for (let index = 0; index < count; index += 1) sum += Math.abs(at(buffer, index) - centre);
    return sum / count;
  });
}

/** Trailing smallest value. */
export function trailingMin(values: Float64Array, window: number): Float64Array {
  return overWindows(values, window, 1, (buffer, count) => {
    let smallest = Number.POSITIVE_INFINITY;
    for (let index = 0; index < count; index += 1) smallest = Math.min(smallest, at(buffer, index));
    return smallest;
  });
}

/** Trailing largest value. */
export function trailingMax(values: Float64Array, window: number): Float64Array {
  return overWindows(values, window, 1, (buffer, count) => {
    let largest = Number.NEGATIVE_INFINITY;
    for (let index = 0; index < count; index += 1) largest = Math.max(largest, at(buffer, index));
    return largest;
  });
}

/** Number of observations in the trailing window. */
export function trailingCount(values: Float64Array, window: number): Float64Array {
  return overWindows(values, window, 0, (_buffer, count) => count);
}

/**
 * Exponentially weighted mean: an observation k days old weighs 0.5^(k / halfLifeDays). Gaps age the weights
 * and add nothing. NaN before the first observation.
 */
export function exponentialMean(values: Float64Array, halfLifeDays: number): Float64Array {
  const decay = power(0.5, 1 / halfLifeDays);
  const result = new Float64Array(values.length);
  let weightedSum = 0;
  let weight = 0;
  for (let day = 0; day < values.length; day += 1) {
    const value = at(values, day);
    weightedSum *= decay;
    weight *= decay;
    if (!Number.isNaN(value)) {
      weightedSum += value;
      weight += 1;
    }
    result[day] = weight > 0 ? weightedSum / weight : Number.NaN;
  }
  return result;
}

/** The newest known value at most `maxAgeDays` old. */
export function carryForward(values: Float64Array, maxAgeDays: number): Float64Array {
  const result = new Float64Array(values.length).fill(Number.NaN);
  let known = Number.NEGATIVE_INFINITY;
  for (let day = 0; day < values.length; day += 1) {
    if (!Number.isNaN(at(values, day))) known = day;
    if (day - known <= maxAgeDays) result[day] = at(values, known);
  }
  return result;
}

/** value[d] − value[d − lag]; NaN where either is unknown. */
export function changeOver(values: Float64Array, lag: number): Float64Array {
  return values.map((value, day) => value - at(values, day - lag));
}

/** Two-pass sample standard deviation of the first `count` cells. */
export function sampleDeviation(buffer: Float64Array, count: number): number {
  const centre = meanOf(buffer, count);
  let sum = 0;
  for (let index = 0; index < count; index += 1) sum += square(at(buffer, index) - centre);
  return Math.sqrt(sum / (count - 1));
}

function meanOf(buffer: Float64Array, count: number): number {
  let sum = 0;
  for (let index = 0; index < count; index += 1) sum += at(buffer, index);
  return sum / count;
}

function overWindows(
  values: Float64Array,
  window: number,
  countMin: number,
  statistic: (buffer: Float64Array, count: number) => number,
): Float64Array {
  const result = new Float64Array(values.length).fill(Number.NaN);
  const buffer = new Float64Array(clamp(window, 0, values.length));
  for (let day = 0; day < values.length; day += 1) {
    let count = 0;
    for (let past = Math.max(0, day - window + 1); past <= day; past += 1) {
      const value = at(values, past);
      if (Number.isNaN(value)) continue;
      buffer[count] = value;
      count += 1;
    }
    if (count >= countMin) result[day] = statistic(buffer, count);
  }
  return result;
}
