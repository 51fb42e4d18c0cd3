import { expm1, log1p } from "./deterministic-math.ts";
/** Reads a cell; NaN (= unknown) outside the array. */
export function at(values: ArrayLike<number>, index: number): number {
  return values[index] ?? Number.NaN;
}

/** Limits `value` to `[low, high]`; NaN stays NaN. */
export function clamp(value: number, low: number, high: number): number {
  return Math.min(Math.max(value, low), high);
}

/** sign(x)·ln(1 + |x|): linear near zero, logarithmic in the tails, defined for negative yields. */
export function signedLog(value: number): number {
  return value < 0 ? -log1p(-value) : log1p(value);
}

/** The inverse of {@link signedLog}. */
export function signedExp(value: number): number {
  return value < 0 ? -expm1(-value) : expm1(value);
}

/** Arithmetic mean; NaN when empty. */
export function mean(values: ArrayLike<number>): number {
  let sum = 0;
  for (let index = 0; index < values.length; index += 1) sum += at(values, index);
  return values.length === 0 ? Number.NaN : sum / values.length;
}

/** Median of finite numbers (mean of the middle two when their count is even); NaN when empty. O(n log n). */
export function median(values: ArrayLike<number>): number {
  const sorted = Float64Array.from(values).sort();
  const middle = sorted.length >> 1;
  if (sorted.length === 0) return Number.NaN;
  return sorted.length % 2 === 1 ? at(sorted, middle) : (at(sorted, middle - 1) + at(sorted, middle)) / 2;
}

/** Sum; 0 when empty. */
export function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
