import type { Explanation, ForestModel } from "../src/index.ts";

/**
 * Shapley values by their definition: the mean contribution of a column over all orders in which columns can join,
 * where the worth of a set of columns is the prediction that averages over the columns outside it. Written for clarity,
 * not to resemble the code it tests. 2^columns evaluations.
 */
export function shapleyValues(model: ForestModel, row: readonly number[]): Explanation {
  const { columnCount } = model;
  const worths = Array.from({ length: 2 ** columnCount }, (_, known) =>
    expectedPrediction(model, row, known),
  );
  const contributions = Float64Array.from({ length: columnCount }, (_, column) => {
    let sum = 0;
    for (const [known, worth] of worths.entries()) {
      if ((known >> column) & 1) continue;
      const size = countBits(known);
      const weight = (factorial(size) * factorial(columnCount - size - 1)) / factorial(columnCount);
      sum += weight * ((worths[known | (1 << column)] ?? Number.NaN) - worth);
    }
    return sum;
  });
  return { expectation: worths[0] ?? Number.NaN, contributions };
}

/** The prediction when only the columns whose bit is set in `known` are known. */
function expectedPrediction(model: ForestModel, row: readonly number[], known: number): number {
  const at = (values: ArrayLike<number>, index: number) => values[index] ?? Number.NaN;
  const expectedAt = (node: number): number => {
    const left = at(model.nodeChildren, node);
    const threshold = at(model.nodeThresholds, node);
    if (left === 0) return threshold;
    const column = at(model.nodeFeatures, node);
    if ((known >> column) & 1) {
      const value = at(row, column);
      const missingLeft = at(model.nodeMissingLeft, node) === 1;
      return expectedAt(value <= threshold || (Number.isNaN(value) && missingLeft) ? left : left + 1);
    }
    const leftCover = at(model.nodeCovers, left);
    const rightCover = at(model.nodeCovers, left + 1);
    return (leftCover * expectedAt(left) + rightCover * expectedAt(left + 1)) / (leftCover + rightCover);
  };
  let sum = 0;
  for (let tree = 0; tree < model.treeCount; tree++) sum += expectedAt(at(model.treeOffsets, tree));
  return model.baseValue + (model.kind === "random-forest" ? sum / model.treeCount : sum);
}

function countBits(value: number): number {
  return value === 0 ? 0 : (value & 1) + countBits(value >> 1);
}

function factorial(value: number): number {
  return value < 2 ? 1 : value * factorial(value - 1);
}
