// Casts of typed-array reads are safe: loops run over lengths that were checked first.

import { ForestError } from "./errors.ts";
import type { Matrix } from "./matrix.ts";
import { assertMatrixShape, assertNoInfinity, maxColumnCount } from "./matrix.ts";

/**
 * What a model is fitted on. `target[r]` belongs to row r of `features`. `weights[r]` says how much row r counts
 * (default 1 each), from 0 to 1e20; a row of weight 0 changes nothing, as if it were not there.
 */
export interface TrainingData {
  readonly features: Matrix;
  readonly target: Float64Array;
  readonly weights?: Float64Array;
}

/** Targets beyond this magnitude are refused, so that sums of squares cannot overflow. */
const maxTargetMagnitude = 1e100;

/** Weights beyond this are refused for the same reason. */
const maxWeight = 1e20;

/**
 * Checks shapes and values; training functions call it first.
 *
 * @throws ForestError `EMPTY_DATA`, `SHAPE_MISMATCH` or `NOT_FINITE`
 */
export function assertTrainingData(data: TrainingData): void {
  const { features, target, weights } = data;
  if (features.rowCount < 1 || features.columnCount < 1) {
    throw new ForestError("EMPTY_DATA", "training needs at least one row and one column");
  }
  if (features.columnCount > maxColumnCount) {
    throw new ForestError("SHAPE_MISMATCH", `at most ${maxColumnCount} columns, got ${features.columnCount}`);
  }
  assertMatrixShape(features, features.columnCount);
  assertLength("target", target, features.rowCount);
  assertNoInfinity(features);
  for (let row = 0; row < target.length; row++) {
    // Written so that NaN fails the comparison too.
    if (!(Math.abs(target[row] as number) <= maxTargetMagnitude)) {
      throw new ForestError(
        "NOT_FINITE",
        `target of row ${row} is ${target[row]}; its magnitude must be at most ${maxTargetMagnitude}`,
      );
    }
  }
  if (weights !== undefined) {
    assertLength("weights", weights, features.rowCount);
    assertWeights(weights);
  }
}

/** The rows with a positive weight, ascending. */
export function usedRows(data: TrainingData): Uint32Array {
  const rows = new Uint32Array(data.features.rowCount);
  let count = 0;
  for (let row = 0; row < rows.length; row++) {
    if (data.weights === undefined || (data.weights[row] as number) > 0) rows[count++] = row;
  }
  return rows.slice(0, count);
}

function assertWeights(weights: Float64Array): void {
  let total = 0;
  for (let row = 0; row < weights.length; row++) {
    const weight = weights[row] as number;
    if (!(weight >= 0 && weight <= maxWeight)) {
      throw new ForestError(
        "NOT_FINITE",
        `weight of row ${row} is ${weight}; it must be in [0, ${maxWeight}]`,
      );
    }
    total += weight;
  }
  if (total === 0) throw new ForestError("EMPTY_DATA", "every row has weight 0");
}

function assertLength(name: string, values: Float64Array, rowCount: number): void {
  if (values.length !== rowCount) {
    throw new ForestError(
      "SHAPE_MISMATCH",
      `${name} has ${values.length} values, features have ${rowCount} rows`,
    );
  }
}
