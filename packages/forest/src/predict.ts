// Casts of typed-array reads are safe: node indices come from a model built or validated by this package, and rows are
// checked against the model's column count first.

import { ForestError } from "./errors.ts";
import { tryLeafMasks } from "./leaf-masks.ts";
import type { Matrix } from "./matrix.ts";
import { assertMatrixShape } from "./matrix.ts";
import type { ForestModel } from "./model.ts";

/**
 * Predicts one row; NaN means missing, infinities compare as usual. Allocates nothing. O(trees · depth).
 *
 * @throws ForestError `SHAPE_MISMATCH` when the row's length is not the model's column count
 */
export function predictRow(model: ForestModel, row: Float64Array | readonly number[]): number {
  if (row.length !== model.columnCount) {
    throw new ForestError("SHAPE_MISMATCH", `expected ${model.columnCount} values, got ${row.length}`);
  }
  const { treeOffsets, treeCount } = model;
  const hasMissing = containsNaN(row);
  let sum = 0;
  for (let tree = 0; tree < treeCount; tree++) {
    const root = treeOffsets[tree] as number;
    sum += hasMissing ? walkWithMissing(model, root, row) : walk(model, root, row);
  }
  return outputOf(model, sum);
}

/**
 * Predicts every row of a matrix into `output` (created when not given) and returns it. Every value equals that of
 * `predictRow` to the last bit.
 *
 * @throws ForestError `SHAPE_MISMATCH` when the width is not the model's, or `output` is not one value per row
 */
export function predictBatch(model: ForestModel, features: Matrix, output?: Float64Array): Float64Array {
  assertMatrixShape(features, model.columnCount);
  const predictions = output ?? new Float64Array(features.rowCount);
  if (predictions.length !== features.rowCount) {
    throw new ForestError(
      "SHAPE_MISMATCH",
      `output has ${predictions.length} values, features have ${features.rowCount} rows`,
    );
  }
  predictions.fill(0);
  if (!tryLeafMasks(model, features, predictions)) {
    const hasMissing = containsNaN(features.values);
    for (let tree = 0; tree < model.treeCount; tree++) {
      addTreeToBatch(model, model.treeOffsets[tree] as number, features, hasMissing, predictions);
    }
  }
  for (let row = 0; row < predictions.length; row++) {
    predictions[row] = outputOf(model, predictions[row] as number);
  }
  return predictions;
}

/** The nodes of a model, or of one being trained. */
type Nodes = Pick<ForestModel, "nodeThresholds" | "nodeChildren" | "nodeFeatures" | "nodeMissingLeft">;

function addTreeToBatch(
  model: ForestModel,
  root: number,
  features: Matrix,
  hasMissing: boolean,
  sums: Float64Array,
): void {
  const { columnCount, values } = features;
  for (let row = 0; row < sums.length; row++) {
    const offset = row * columnCount;
    const value = hasMissing
      ? walkMatrixRow(model, root, values, offset)
      : walkCompleteMatrixRow(model, root, values, offset);
    sums[row] = (sums[row] as number) + value;
  }
}

/** As `walkMatrixRow` for a row without missing values; without branches on values, so about twice as fast. */
function walkCompleteMatrixRow(nodes: Nodes, root: number, values: Float64Array, offset: number): number {
  const { nodeThresholds, nodeChildren, nodeFeatures } = nodes;
  let node = root;
  let child = nodeChildren[node] as number;
  while (child !== 0) {
    const value = values[offset + (nodeFeatures[node] as number)] as number;
    node = child + Number(value > (nodeThresholds[node] as number));
    child = nodeChildren[node] as number;
  }
  return nodeThresholds[node] as number;
}

/** The leaf value that a tree gives to the row whose values start at `offset`. */
export function walkMatrixRow(nodes: Nodes, root: number, values: Float64Array, offset: number): number {
  const { nodeThresholds, nodeChildren, nodeFeatures, nodeMissingLeft } = nodes;
  let node = root;
  let child = nodeChildren[node] as number;
  while (child !== 0) {
    const value = values[offset + (nodeFeatures[node] as number)] as number;
    if (value > (nodeThresholds[node] as number)) child++;
    else if (Number.isNaN(value) && (nodeMissingLeft[node] as number) === 0) child++;
    node = child;
    child = nodeChildren[node] as number;
  }
  return nodeThresholds[node] as number;
}

function walk(model: ForestModel, root: number, row: Float64Array | readonly number[]): number {
  const { nodeThresholds, nodeChildren, nodeFeatures } = model;
  let node = root;
  let child = nodeChildren[node] as number;
  while (child !== 0) {
    // Adding the comparison instead of branching on it spares a misprediction at every other node.
    node = child + Number((row[nodeFeatures[node] as number] as number) > (nodeThresholds[node] as number));
    child = nodeChildren[node] as number;
  }
  return nodeThresholds[node] as number;
}

function walkWithMissing(model: ForestModel, root: number, row: Float64Array | readonly number[]): number {
  const { nodeThresholds, nodeChildren, nodeFeatures, nodeMissingLeft } = model;
  let node = root;
  let child = nodeChildren[node] as number;
  while (child !== 0) {
    const value = row[nodeFeatures[node] as number] as number;
    const goesLeft = Number.isNaN(value)
      ? (nodeMissingLeft[node] as number) === 1
      : value <= (nodeThresholds[node] as number);
    node = goesLeft ? child : child + 1;
    child = nodeChildren[node] as number;
  }
  return nodeThresholds[node] as number;
}

function containsNaN(row: Float64Array | readonly number[]): boolean {
  for (let column = 0; column < row.length; column++) if (Number.isNaN(row[column])) return true;
  return false;
}

function outputOf(model: ForestModel, sum: number): number {
  const value = model.baseValue + (model.kind === "random-forest" ? sum / model.treeCount : sum);
  return Math.min(Math.max(value, model.outputMin), model.outputMax);
}
