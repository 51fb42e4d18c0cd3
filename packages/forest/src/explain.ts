// Casts of typed-array reads are safe: node indices come from a model built or validated by this package, and rows are
// checked against the model's column count first.

import { ForestError } from "./errors.ts";
import type { Quadrature } from "./gauss-legendre.ts";
import { gaussLegendre } from "./gauss-legendre.ts";
import type { ForestModel } from "./model.ts";

/** Why a model predicts what it does for one row. */
export interface Explanation {
  /** What the model predicts on average over the rows that it was trained on, in units of the target. */
  readonly expectation: number;
  /** Per column how far its value moves this prediction from the expectation, in units of the target. */
  readonly contributions: Float64Array;
}

/**
 * Explains one prediction by exact Shapley values (Lundberg, Erion and Lee, "Consistent Individualized Feature
 * Attribution for Tree Ensembles", 2018; Lundberg et al., "From local explanations to global understanding with
 * explainable AI for trees", 2020, path-dependent TreeSHAP). A column left out of a coalition is averaged over by the
 * weight of training rows on either side of its splits. NaN goes where `predictRow` sends it.
 *
 * `expectation` plus the sum of the contributions is the prediction of `predictRow`, up to rounding: within 1e-9 of the
 * largest of 1, the expectation and the contributions. `predictRow` limits a forest to the range of its training
 * target, which a forest only leaves by rounding, so the limit is within that tolerance.
 *
 * Takes O(trees · leaves · depth²) time, as TreeSHAP does. The papers divide a column out of each path again; this
 * integrates the same polynomial by Gauss-Legendre quadrature, which has no division and no cancellation and thus stays
 * exact on deep trees and for very uneven splits.
 *
 * @throws ForestError `SHAPE_MISMATCH` when the row's length is not the model's column count
 * @example const { expectation, contributions } = explainRow(model, [0.5, 15])
 */
export function explainRow(model: ForestModel, row: Float64Array | readonly number[]): Explanation {
  if (row.length !== model.columnCount) {
    throw new ForestError("SHAPE_MISMATCH", `expected ${model.columnCount} values, got ${row.length}`);
  }
  const walk = createWalk(model, row);
  for (let tree = 0; tree < model.treeCount; tree++) {
    visit(walk, model.treeOffsets[tree] as number, 1);
  }
  const divisor = model.kind === "random-forest" ? model.treeCount : 1;
  return {
    expectation: model.baseValue + walk.expectedSum / divisor,
    contributions: walk.contributions.map((sum) => sum / divisor),
  };
}

/**
 * The walk through all leaves of all trees, and the path that it is on. A column is on the path when one of the splits
 * above asks for it; `reached` is then 1 when the row's own value passes all of them, else 0, and `share` is the product
 * of the shares of training weight that do.
 */
interface Walk {
  readonly model: ForestModel;
  readonly row: Float64Array | readonly number[];
  readonly contributions: Float64Array;
  expectedSum: number;
  readonly path: number[];
  readonly onPath: Uint8Array;
  readonly reached: Uint8Array;
  readonly share: Float64Array;
  /** The product of the factors of the first k columns of the path. */
  readonly prefixProducts: number[];
  /** By number of points, made when first needed. */
  readonly quadratures: Quadrature[];
}

function createWalk(model: ForestModel, row: Float64Array | readonly number[]): Walk {
  const { columnCount } = model;
  return {
    model,
    row,
    contributions: new Float64Array(columnCount),
    expectedSum: 0,
    path: [],
    onPath: new Uint8Array(columnCount),
    reached: new Uint8Array(columnCount),
    share: new Float64Array(columnCount),
    prefixProducts: [],
    quadratures: [],
  };
}

/** Visits the leaves below a node, which `probability` of the tree's training weight reaches. */
function visit(walk: Walk, node: number, probability: number): void {
  const { nodeChildren, nodeThresholds, nodeFeatures, nodeCovers } = walk.model;
  const firstChild = nodeChildren[node] as number;
  if (firstChild === 0) {
    const leafValue = nodeThresholds[node] as number;
    walk.expectedSum += probability * leafValue;
    addLeaf(walk, leafValue);
    return;
  }
  const { path, onPath, reached, share } = walk;
  const column = nodeFeatures[node] as number;
  const isNew = onPath[column] === 0;
  const outerReached = isNew ? 1 : (reached[column] as number);
  const outerShare = isNew ? 1 : (share[column] as number);
  if (isNew) {
    path.push(column);
    onPath[column] = 1;
  }
  const taken = childOf(walk, node);
  for (let child = firstChild; child < firstChild + 2; child++) {
    const childShare = (nodeCovers[child] as number) / (nodeCovers[node] as number);
    reached[column] = child === taken ? outerReached : 0;
    share[column] = outerShare * childShare;
    visit(walk, child, probability * childShare);
  }
  reached[column] = outerReached;
  share[column] = outerShare;
  if (isNew) {
    path.pop();
    onPath[column] = 0;
  }
}

/** The child that the row goes to. */
function childOf({ model, row }: Walk, node: number): number {
  const firstChild = model.nodeChildren[node] as number;
  const value = row[model.nodeFeatures[node] as number] as number;
  const goesLeft = Number.isNaN(value)
    ? model.nodeMissingLeft[node] === 1
    : value <= (model.nodeThresholds[node] as number);
  return goesLeft ? firstChild : firstChild + 1;
}

/**
 * Adds the Shapley values of the game whose worth is the leaf's value times the chance to reach the leaf, for every
 * column of the path: the integral over t in [0, 1] of (reached − share) · the product of t · reached + (1 − t) · share
 * over the other columns, because a coalition of k of the d − 1 others weighs ∫ tᵏ (1 − t)ᵈ⁻¹⁻ᵏ dt.
 */
function addLeaf(walk: Walk, leafValue: number): void {
  const { path, reached, share, prefixProducts, contributions } = walk;
  const length = path.length;
  const { points, weights } = quadratureFor(walk, (length + 1) >> 1);
  for (let k = 0; k < points.length; k++) {
    const point = points[k] as number;
    let product = leafValue * (weights[k] as number);
    for (let i = 0; i < length; i++) {
      prefixProducts[i] = product;
      product *= factorOf(walk, path[i] as number, point);
    }
    let suffixProduct = 1;
    for (let i = length - 1; i >= 0; i--) {
      const column = path[i] as number;
      const difference = (reached[column] as number) - (share[column] as number);
      contributions[column] =
        (contributions[column] as number) + difference * (prefixProducts[i] as number) * suffixProduct;
      suffixProduct *= factorOf(walk, column, point);
    }
  }
}

function factorOf({ reached, share }: Walk, column: number, point: number): number {
  return point * (reached[column] as number) + (1 - point) * (share[column] as number);
}

function quadratureFor({ quadratures }: Walk, pointCount: number): Quadrature {
  const known = quadratures[pointCount];
  if (known !== undefined) return known;
  const made = gaussLegendre(pointCount);
  quadratures[pointCount] = made;
  return made;
}
