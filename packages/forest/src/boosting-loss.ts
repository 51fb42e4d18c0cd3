// Casts of typed-array reads are safe: every array has one entry per row.

import { ForestError } from "./errors.ts";
import type { WeightedValues } from "./weighted-quantile.ts";
import { weightedQuantile } from "./weighted-quantile.ts";

/**
 * What boosting minimises: the mean squared error (predicts the mean), the mean absolute error (the median), or the
 * quantile (pinball) loss, which predicts the `level` quantile, 0 < level < 1.
 */
export type BoostingLoss =
  | { readonly kind: "squared" }
  | { readonly kind: "absolute" }
  | { readonly kind: "quantile"; readonly level: number };

/** Targets, optional weights and current predictions, one per row. */
export interface LossRows {
  readonly target: Float64Array;
  readonly weights: Float64Array | undefined;
  readonly predictions: Float64Array;
}

/** The quantile that a loss predicts; undefined for the squared loss, which predicts the mean. */
export function lossLevel(loss: BoostingLoss): number | undefined {
  switch (loss.kind) {
    case "squared":
      return undefined;
    case "absolute":
      return 0.5;
    case "quantile":
      if (loss.level > 0 && loss.level < 1) return loss.level;
      throw new ForestError("BAD_OPTION", `the quantile level must be between 0 and 1, got ${loss.level}`);
    default:
      throw new ForestError("BAD_OPTION", "loss.kind must be squared, absolute or quantile");
  }
}

/** Writes the weighted negative gradient of the loss at every row of `order[0 … count)`. */
export function writeGradients(
  gradients: Float64Array,
  level: number | undefined,
  data: LossRows,
  rows: { readonly order: Uint32Array; readonly count: number },
): void {
  const { target, weights, predictions } = data;
  for (let i = 0; i < rows.count; i++) {
    const row = rows.order[i] as number;
    const residual = (target[row] as number) - (predictions[row] as number);
    let gradient = residual;
    if (level !== undefined) gradient = residual > 0 ? level : residual < 0 ? level - 1 : 0;
    gradients[row] = weights === undefined ? gradient : gradient * (weights[row] as number);
  }
}

/** The weighted mean loss of the predictions. */
export function meanLoss(level: number | undefined, data: LossRows): number {
  const { target, weights, predictions } = data;
  let sum = 0;
  let weightSum = 0;
  for (let row = 0; row < target.length; row++) {
    const weight = weights === undefined ? 1 : (weights[row] as number);
    const residual = (target[row] as number) - (predictions[row] as number);
    const squared = residual * residual;
    sum +=
      weight * (level === undefined ? squared : residual > 0 ? level * residual : (level - 1) * residual);
    weightSum += weight;
  }
  return sum / weightSum;
}

/** The constant that fits the given rows best, as the start of boosting: their weighted mean or quantile. */
export function bestConstant(level: number | undefined, data: LossRows, rows: Uint32Array): number {
  if (level === undefined) return meanWithinRange(data, rows);
  const scratch = createQuantileScratch(rows.length, data.weights);
  return residualQuantile(scratch, level, data, { order: rows, start: 0, end: rows.length });
}

/** Working memory for `residualQuantile`. */
export function createQuantileScratch(capacity: number, weights: Float64Array | undefined): WeightedValues {
  return {
    values: new Float64Array(capacity),
    weights: weights === undefined ? undefined : new Float64Array(capacity),
    length: 0,
  };
}

/** The weighted quantile of target minus prediction over order[start … end). */
export function residualQuantile(
  scratch: WeightedValues,
  level: number,
  data: LossRows,
  range: { readonly order: Uint32Array; readonly start: number; readonly end: number },
): number {
  const { order, start, end } = range;
  scratch.length = end - start;
  for (let i = 0; i < scratch.length; i++) {
    const row = order[start + i] as number;
    scratch.values[i] = (data.target[row] as number) - (data.predictions[row] as number);
    if (scratch.weights !== undefined && data.weights !== undefined) {
      scratch.weights[i] = data.weights[row] as number;
    }
  }
  return weightedQuantile(scratch, level);
}

/** The weighted mean, limited to the range of the target so that a constant target is met exactly. */
function meanWithinRange(data: LossRows, rows: Uint32Array): number {
  let min = Number.POSITIVE_INFINITY;
  let max = Number.NEGATIVE_INFINITY;
  let sum = 0;
  let weightSum = 0;
  for (const row of rows) {
    const value = data.target[row] as number;
    const weight = data.weights === undefined ? 1 : (data.weights[row] as number);
    if (value < min) min = value;
    if (value > max) max = value;
    sum += weight * value;
    weightSum += weight;
  }
  return Math.min(Math.max(sum / weightSum, min), max);
}
