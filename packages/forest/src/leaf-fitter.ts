// Casts of typed-array reads are safe: nodes are those of the tree just grown, rows those it was grown on.
import type { LossRows } from "./boosting-loss.ts";
import { createQuantileScratch, residualQuantile } from "./boosting-loss.ts";
import type { BinnedMatrix } from "./tree/binning.ts";
import type { TreeGrower } from "./tree/grow.ts";
import type { NodeBuilder } from "./tree/node-builder.ts";
import { walkBinnedRow } from "./tree/walk-binned.ts";
import type { WeightedValues } from "./weighted-quantile.ts";

/** What the leaf fitter works on, shared by all trees of one fit. */
export interface LeafFitterParts {
  readonly builder: NodeBuilder;
  readonly grower: TreeGrower;
  readonly binned: BinnedMatrix;
  readonly lossRows: LossRows;
  /** The quantile to fit leaf values to; undefined keeps the values of tree growth. */
  readonly level: number | undefined;
  readonly learningRate: number;
  readonly monotone: Int8Array | undefined;
}

/** Gives the leaves of a freshly grown tree their final values and adds them to the predictions of all rows. */
export class LeafFitter {
  readonly #parts: LeafFitterParts;
  readonly #scratch: WeightedValues;

  constructor(parts: LeafFitterParts) {
    this.#parts = parts;
    const { target, weights } = parts.lossRows;
    this.#scratch = createQuantileScratch(parts.level === undefined ? 0 : target.length, weights);
  }

  /** Finishes the newest tree, which was grown on order[0 … sampledCount), a sample of all rows, which `order` holds. */
  applyTree(order: Uint32Array, sampledCount: number): void {
    const { builder, level } = this.#parts;
    const root = builder.rootOf(builder.treeCount - 1);
    if (level !== undefined) {
      this.#fitQuantiles(order, root, level);
    }
    this.#shrink(root);
    this.#addToSampled(order, root);
    this.#addToOthers(order.subarray(sampledCount), root);
  }

  /**
   * Replaces the leaf values by residual quantiles. With monotone constraints, both sides of a constrained split are
   * limited to the middle of their own quantiles, as tree growth does with means. Parents come before children, so one
   * pass in node order suffices.
   */
  #fitQuantiles(order: Uint32Array, root: number, level: number): void {
    const { builder, monotone } = this.#parts;
    const nodeCount = builder.nodeCount - root;
    const lower = monotone && new Float64Array(nodeCount).fill(Number.NEGATIVE_INFINITY);
    const upper = monotone && new Float64Array(nodeCount).fill(Number.POSITIVE_INFINITY);
    for (let k = 0; k < nodeCount; k++) {
      const node = root + k;
      const child = builder.nodeChildren[node] as number;
      const low = lower?.[k] ?? Number.NEGATIVE_INFINITY;
      const high = upper?.[k] ?? Number.POSITIVE_INFINITY;
      if (child === 0) {
        const value = this.#quantileOf(order, k, level);
        builder.setLeaf(node, Math.min(Math.max(value, low), high));
      } else if (lower !== undefined && upper !== undefined) {
        const left = child - root;
        lower.fill(low, left, left + 2);
        upper.fill(high, left, left + 2);
        const direction = this.#directionOf(node);
        if (direction === 0) continue;
        const leftValue = this.#quantileOf(order, left, level);
        const rightValue = this.#quantileOf(order, left + 1, level);
        const middle = Math.min(Math.max(leftValue * 0.5 + rightValue * 0.5, low), high);
        upper[direction > 0 ? left : left + 1] = middle;
        lower[direction > 0 ? left + 1 : left] = middle;
      }
    }
  }

  #quantileOf(order: Uint32Array, k: number, level: number): number {
    const { grower, lossRows } = this.#parts;
    const start = grower.nodeStarts[k] as number;
    const end = grower.nodeEnds[k] as number;
    return residualQuantile(this.#scratch, level, lossRows, { order, start, end });
  }

  #directionOf(node: number): number {
    const { builder, monotone } = this.#parts;
    const isMissingSplit = builder.nodeThresholds[node] === Number.POSITIVE_INFINITY;
    return isMissingSplit ? 0 : (monotone?.[builder.nodeFeatures[node] as number] ?? 0);
  }

  #shrink(root: number): void {
    const { builder, learningRate } = this.#parts;
    for (let node = root; node < builder.nodeCount; node++) {
      if (builder.nodeChildren[node] === 0) {
        builder.setLeaf(node, (builder.nodeThresholds[node] as number) * learningRate);
      }
    }
  }

  #addToSampled(order: Uint32Array, root: number): void {
    const { builder, grower, lossRows } = this.#parts;
    const predictions = lossRows.predictions;
    for (let node = root; node < builder.nodeCount; node++) {
      if (builder.nodeChildren[node] !== 0) continue;
      const start = grower.nodeStarts[node - root] as number;
      const end = grower.nodeEnds[node - root] as number;
      addToRows(predictions, order, start, end, builder.nodeThresholds[node] as number);
    }
  }

  #addToOthers(rows: Uint32Array, root: number): void {
    const { builder, binned, lossRows } = this.#parts;
    const predictions = lossRows.predictions;
    for (const row of rows) {
      predictions[row] = (predictions[row] as number) + walkBinnedRow(builder, root, binned, row);
    }
  }
}

function addToRows(
  predictions: Float64Array,
  order: Uint32Array,
  start: number,
  end: number,
  value: number,
): void {
  for (let i = start; i < end; i++) {
    const row = order[i] as number;
    predictions[row] = (predictions[row] as number) + value;
  }
}
