// Casts of typed-array reads are safe: rows come from usedRows, and nodes from the builder.
import type { BoostingLoss, LossRows } from "./boosting-loss.ts";
import { bestConstant, lossLevel, meanLoss, writeGradients } from "./boosting-loss.ts";
import { ForestError } from "./errors.ts";
import { LeafFitter } from "./leaf-fitter.ts";
import { assertMatrixShape } from "./matrix.ts";
import type { ForestModel } from "./model.ts";
import { deepestTree, fractionOption, integerOption, monotoneOption, numberOption } from "./options.ts";
import { walkMatrixRow } from "./predict.ts";
import type { Random } from "./random.ts";
import { createRandom } from "./random.ts";
import type { FitData, TrainingData } from "./training-data.ts";
import { assertTrainingData, binsOf, usedRows } from "./training-data.ts";
import { maxBinCount } from "./tree/binning.ts";
import { TreeGrower } from "./tree/grow.ts";
import { NodeBuilder } from "./tree/node-builder.ts";

/** Options of `fitGradientBoosting`. */
export interface GradientBoostingOptions {
  /** Any safe integer; the same data, options and seed give the same model to the last byte. */
  readonly seed: number;
  /** @default { kind: "squared" } */
  readonly loss?: BoostingLoss;
  /** Most trees; early stopping may keep fewer. @default 100 */
  readonly treeCount?: number;
  /** Splits on the longest path; 0 gives single leaves. @default 5 */
  readonly maxDepth?: number;
  /** What each leaf value is multiplied by, above 0 and at most 1. @default 0.1 */
  readonly learningRate?: number;
  /** Fewest rows in a leaf. @default 20 */
  readonly minSamplesLeaf?: number;
  /** Added to the weight of every leaf; shrinks values to 0. Absolute and quantile leaves ignore it. @default 0 */
  readonly l2?: number;
  /** Share of the rows drawn without replacement for each tree. @default 1 */
  readonly rowFraction?: number;
  /** Share of the columns drawn for each tree, at least one. @default 1 */
  readonly featureFraction?: number;
  /** Most bins per column, 2 to 255. @default 255 */
  readonly binCount?: number;
  /** Per column: 1 when the prediction may only rise with it, -1 when it may only fall, 0 for free. */
  readonly monotone?: readonly (-1 | 0 | 1)[];
  /** Stops when the validation loss has not improved for `patience` trees, and keeps the best number (may be 0). */
  readonly earlyStopping?: { readonly validation: TrainingData; readonly patience: number };
  /** Called after every tree. What it throws ends the fit and is passed on. */
  readonly onProgress?: (treesDone: number, treeCount: number) => void;
}

/**
 * Fits gradient-boosted trees (Friedman, "Greedy function approximation: a gradient boosting machine", 2001), grown on
 * histograms (Ke et al., "LightGBM", 2017). For the absolute and quantile losses the leaf values are the weighted
 * quantiles of the residuals in the leaf. A single row or a constant target gives single-leaf trees that predict it
 * exactly.
 *
 * @throws ForestError `EMPTY_DATA`, `SHAPE_MISMATCH`, `NOT_FINITE` (see TrainingData) or `BAD_OPTION`
 */
export function fitGradientBoosting(data: FitData, options: GradientBoostingOptions): ForestModel {
  assertTrainingData(data);
  const settings = checkedSettings(options, data.features.columnCount);
  const { level, treeCount } = settings;
  const rows = usedRows(data);
  const binned = binsOf(data, settings.binCount, rows);
  const lossRows = startingRows(data);
  const baseValue = bestConstant(level, lossRows, rows);
  lossRows.predictions.fill(baseValue);
  const gradients = new Float64Array(data.features.rowCount);
  const builder = new NodeBuilder();
  const statistics = rowStatistics(gradients, data, rows);
  const grower = new TreeGrower(binned, statistics, builder, settings);
  const leafFitter = new LeafFitter({ builder, grower, binned, lossRows, ...settings });
  const stopping = createStopping(options, level, baseValue, data.features.columnCount);
  const random = createRandom(options.seed);
  const order = rows.slice();
  let keptTreeCount = treeCount;
  for (let tree = 0; tree < treeCount; tree++) {
    const rowCount = drawRows(order, rows, settings.rowFraction, random);
    const columns = drawColumns(binned.columnCount, settings.columnsPerTree, random);
    writeGradients(gradients, level, lossRows, { order, count: rowCount });
    grower.grow({ order, rowCount, columns, columnsPerNode: columns.length });
    leafFitter.applyTree(order, rowCount);
    options.onProgress?.(tree + 1, treeCount);
    if (stopping?.shouldStop(builder)) break;
  }
  if (stopping !== undefined) keptTreeCount = stopping.bestTreeCount();
  const header = {
    kind: "gradient-boosting" as const,
    columnCount: binned.columnCount,
    baseValue,
    outputMin: -Number.MAX_VALUE,
    outputMax: Number.MAX_VALUE,
  };
  return builder.build(header, keptTreeCount);
}

function checkedSettings(options: GradientBoostingOptions, columnCount: number) {
  const featureFraction = fractionOption("featureFraction", options.featureFraction ?? 1);
  return {
    level: lossLevel(options.loss ?? { kind: "squared" }),
    treeCount: integerOption("treeCount", options.treeCount ?? 100, { min: 1, max: 100_000 }),
    maxDepth: integerOption("maxDepth", options.maxDepth ?? 5, { min: 0, max: deepestTree }),
    learningRate: fractionOption("learningRate", options.learningRate ?? 0.1),
    minSamplesLeaf: integerOption("minSamplesLeaf", options.minSamplesLeaf ?? 20, { min: 1, max: 2 ** 31 }),
    l2: numberOption("l2", options.l2 ?? 0, { min: 0, max: 1e20 }),
    rowFraction: fractionOption("rowFraction", options.rowFraction ?? 1),
    binCount: integerOption("binCount", options.binCount ?? maxBinCount, { min: 2, max: maxBinCount }),
    monotone: monotoneOption(options.monotone, columnCount),
    columnsPerTree: Math.max(1, Math.floor(featureFraction * columnCount + 0.5)),
  };
}

function startingRows(data: FitData): LossRows {
  return {
    target: data.target,
    weights: data.weights,
    predictions: new Float64Array(data.features.rowCount),
  };
}

/** Rows count 1 each; without weights they weigh 1 too, which the grower treats faster. */
function rowStatistics(gradients: Float64Array, data: FitData, rows: Uint32Array) {
  if (data.weights === undefined) return { sums: gradients };
  const counts = new Float64Array(data.features.rowCount);
  for (const row of rows) counts[row] = 1;
  return { sums: gradients, weights: data.weights, counts };
}

/**
 * Fills the front of `order` with the rows of the next tree, ascending, and the rest of it with the others; returns how many
 * are drawn. Selection sampling (Knuth, The Art of Computer Programming, volume 2, algorithm 3.4.2 S).
 */
function drawRows(order: Uint32Array, rows: Uint32Array, fraction: number, random: Random): number {
  const wanted = Math.max(1, Math.floor(rows.length * fraction + 0.5));
  if (wanted === rows.length) {
    order.set(rows);
    return wanted;
  }
  let count = 0;
  let i = 0;
  for (; count < wanted; i++) {
    const isDrawn = random.nextInt(rows.length - i) < wanted - count;
    order[isDrawn ? count++ : wanted + i - count] = rows[i] as number;
  }
  order.set(rows.subarray(i), i);
  return wanted;
}

function drawColumns(columnCount: number, wanted: number, random: Random): Uint32Array {
  const columns = Uint32Array.from({ length: columnCount }, (_, column) => column);
  if (wanted === columnCount) return columns;
  for (let k = 0; k < wanted; k++) {
    const other = k + random.nextInt(columnCount - k);
    const kept = columns[k] as number;
    columns[k] = columns[other] as number;
    columns[other] = kept;
  }
  return columns.slice(0, wanted).sort();
}

/** Follows the validation loss; undefined without early stopping. */
function createStopping(
  options: GradientBoostingOptions,
  level: number | undefined,
  baseValue: number,
  columnCount: number,
) {
  if (options.earlyStopping === undefined) return undefined;
  const { validation, patience } = options.earlyStopping;
  integerOption("earlyStopping.patience", patience, { min: 1, max: 100_000 });
  assertTrainingData(validation);
  assertMatrixShape(validation.features, columnCount);
  const rows = startingRows(validation);
  rows.predictions.fill(baseValue);
  let bestLoss = meanLoss(level, rows);
  let bestTreeCount = 0;
  return {
    bestTreeCount: () => bestTreeCount,
    /** Adds the newest tree; true when it is time to stop. */
    shouldStop(builder: NodeBuilder): boolean {
      addNewestTree(builder, validation, rows.predictions);
      const loss = meanLoss(level, rows);
      if (Number.isNaN(loss)) throw new ForestError("NOT_FINITE", "the validation loss is not a number");
      if (loss < bestLoss) {
        bestLoss = loss;
        bestTreeCount = builder.treeCount;
      }
      return builder.treeCount - bestTreeCount >= patience;
    },
  };
}

function addNewestTree(builder: NodeBuilder, data: TrainingData, predictions: Float64Array): void {
  const { values, columnCount } = data.features;
  const root = builder.rootOf(builder.treeCount - 1);
  for (let row = 0; row < predictions.length; row++) {
    predictions[row] = (predictions[row] as number) + walkMatrixRow(builder, root, values, row * columnCount);
  }
}
