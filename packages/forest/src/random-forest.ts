// Casts of typed-array reads are safe: rows come from usedRows, and nodes from the builder.
import type { ForestModel } from "./model.ts";
import { deepestTree, fractionOption, integerOption, monotoneOption } from "./options.ts";
import type { Random } from "./random.ts";
import { createRandom } from "./random.ts";
import type { FitData } from "./training-data.ts";
import { assertTrainingData, binsOf, usedRows } from "./training-data.ts";
import type { BinnedMatrix } from "./tree/binning.ts";
import { maxBinCount } from "./tree/binning.ts";
import { TreeGrower } from "./tree/grow.ts";
import type { RowStatistics } from "./tree/histogram.ts";
import { NodeBuilder } from "./tree/node-builder.ts";
import { walkBinnedRow } from "./tree/walk-binned.ts";

/** Options of `fitRandomForest`. */
export interface RandomForestOptions {
  /** Any safe integer; the same data, options and seed give the same model to the last byte. */
  readonly seed: number;
  /** @default 100 */
  readonly treeCount?: number;
  /** Splits on the longest path; 0 gives single leaves. @default 10 */
  readonly maxDepth?: number;
  /** Fewest bootstrap draws in a leaf (a row drawn twice counts twice). @default 1 */
  readonly minSamplesLeaf?: number;
  /** Share of the columns tried at each split, at least one. @default 1 */
  readonly featureFraction?: number;
  /** Most bins per column, 2 to 255. @default 255 */
  readonly binCount?: number;
  /** Draws with replacement per tree, as a share of the rows. @default 1 */
  readonly bootstrapFraction?: number;
  /** Per column: 1 when the prediction may only rise with it, -1 when it may only fall, 0 for free. */
  readonly monotone?: readonly (-1 | 0 | 1)[];
  /** Called after every tree. What it throws ends the fit and is passed on. */
  readonly onProgress?: (treesDone: number, treeCount: number) => void;
}

/** A forest with its honest predictions on its own training rows. */
export interface RandomForestFit {
  readonly model: ForestModel;
  /** Per row the mean over the trees that were not grown on it; NaN where every tree was, or the weight is 0. */
  readonly outOfBagPredictions: Float64Array;
}

/**
 * Fits a random forest (Breiman, "Random Forests", 2001): trees grown on bootstrap samples to reduce the weighted
 * squared error, averaged. Every prediction lies within the range of the training target. A single row or a constant
 * target gives single-leaf trees that predict it exactly.
 *
 * @throws ForestError `EMPTY_DATA`, `SHAPE_MISMATCH`, `NOT_FINITE` (see TrainingData) or `BAD_OPTION`
 */
export function fitRandomForest(data: FitData, options: RandomForestOptions): ForestModel {
  return fit(data, options, undefined);
}

/**
 * Fits the same forest as `fitRandomForest`, and returns its out-of-bag predictions too.
 *
 * @throws ForestError as `fitRandomForest`
 */
export function fitRandomForestWithOutOfBag(data: FitData, options: RandomForestOptions): RandomForestFit {
  const sums = new Float64Array(data.features.rowCount);
  const treeCounts = new Uint32Array(data.features.rowCount);
  const model = fit(data, options, { sums, treeCounts });
  const outOfBagPredictions = sums.map((sum, row) => {
    const value = model.baseValue + sum / (treeCounts[row] as number);
    return Math.min(Math.max(value, model.outputMin), model.outputMax);
  });
  return { model, outOfBagPredictions };
}

interface OutOfBagSums {
  readonly sums: Float64Array;
  readonly treeCounts: Uint32Array;
}

function fit(data: FitData, options: RandomForestOptions, outOfBag: OutOfBagSums | undefined): ForestModel {
  assertTrainingData(data);
  const settings = checkedSettings(options, data.features.columnCount);
  const rows = usedRows(data);
  const binned = binsOf(data, settings.binCount, rows);
  const { baseValue, outputMin, outputMax } = describeTarget(data, rows);
  const sample = createSample(data);
  const builder = new NodeBuilder();
  const grower = new TreeGrower(binned, sample.statistics, builder, { ...settings, l2: 0 });
  const columns = Uint32Array.from({ length: binned.columnCount }, (_, column) => column);
  const order = new Uint32Array(rows.length);
  const drawCount = Math.max(1, Math.floor(rows.length * settings.bootstrapFraction + 0.5));
  const seeds = createRandom(options.seed);
  for (let tree = 0; tree < settings.treeCount; tree++) {
    // Each tree has its own stream, so that trees could be grown in any order or in parallel with the same result.
    const random = createRandom(seeds.nextUint32());
    drawBootstrap(sample.draws, rows, drawCount, random);
    const rowCount = applyDraws(sample, data, rows, order, baseValue);
    for (let column = 0; column < columns.length; column++) columns[column] = column;
    grower.grow({ order, rowCount, columns, columnsPerNode: settings.columnsPerNode, random });
    if (outOfBag !== undefined) addOutOfBag(outOfBag, builder, binned, rows, sample.draws);
    options.onProgress?.(tree + 1, settings.treeCount);
  }
  const header = {
    kind: "random-forest" as const,
    columnCount: binned.columnCount,
    baseValue,
    outputMin,
    outputMax,
  };
  return builder.build(header, settings.treeCount);
}

function checkedSettings(options: RandomForestOptions, columnCount: number) {
  const featureFraction = fractionOption("featureFraction", options.featureFraction ?? 1);
  return {
    treeCount: integerOption("treeCount", options.treeCount ?? 100, { min: 1, max: 100_000 }),
    maxDepth: integerOption("maxDepth", options.maxDepth ?? 10, { min: 0, max: deepestTree }),
    minSamplesLeaf: integerOption("minSamplesLeaf", options.minSamplesLeaf ?? 1, { min: 1, max: 2 ** 31 }),
    binCount: integerOption("binCount", options.binCount ?? maxBinCount, { min: 2, max: maxBinCount }),
    bootstrapFraction: fractionOption("bootstrapFraction", options.bootstrapFraction ?? 1),
    monotone: monotoneOption(options.monotone, columnCount),
    columnsPerNode: Math.max(1, Math.floor(featureFraction * columnCount + 0.5)),
  };
}

/** The weighted mean, which trees predict deviations from (sums stay small, so little is lost to rounding), and range. */
function describeTarget(data: FitData, rows: Uint32Array) {
  let outputMin = Number.POSITIVE_INFINITY;
  let outputMax = Number.NEGATIVE_INFINITY;
  let sum = 0;
  let weightSum = 0;
  for (const row of rows) {
    const value = data.target[row] as number;
    const weight = data.weights?.[row] ?? 1;
    if (value < outputMin) outputMin = value;
    if (value > outputMax) outputMax = value;
    sum += weight * value;
    weightSum += weight;
  }
  const baseValue = Math.min(Math.max(sum / weightSum, outputMin), outputMax);
  return { baseValue, outputMin, outputMax };
}

/** One bootstrap sample: how often each row was drawn, and the row statistics that follow from it. */
interface BootstrapSample {
  readonly draws: Float64Array;
  readonly statistics: RowStatistics & { readonly weights: Float64Array };
}

/** Without data weights a row weighs and counts its number of draws, so one array serves for both. */
function createSample(data: FitData): BootstrapSample {
  const rowCount = data.features.rowCount;
  const draws = new Float64Array(rowCount);
  const sums = new Float64Array(rowCount);
  const statistics =
    data.weights === undefined
      ? { sums, weights: draws }
      : { sums, weights: new Float64Array(rowCount), counts: draws };
  return { draws, statistics };
}

function drawBootstrap(draws: Float64Array, rows: Uint32Array, drawCount: number, random: Random): void {
  draws.fill(0);
  for (let draw = 0; draw < drawCount; draw++) {
    const row = rows[random.nextInt(rows.length)] as number;
    draws[row] = (draws[row] as number) + 1;
  }
}

/** Puts the drawn rows into `order` with their statistics; returns how many different rows were drawn. */
function applyDraws(
  sample: BootstrapSample,
  data: FitData,
  rows: Uint32Array,
  order: Uint32Array,
  baseValue: number,
): number {
  const { draws, statistics } = sample;
  let count = 0;
  for (let i = 0; i < rows.length; i++) {
    const row = rows[i] as number;
    const drawn = draws[row] as number;
    const weight = data.weights === undefined ? drawn : drawn * (data.weights[row] as number);
    statistics.weights[row] = weight;
    statistics.sums[row] = weight * ((data.target[row] as number) - baseValue);
    // Every row is written and the drawn ones are kept: the branch would be mispredicted for every third row.
    order[count] = row;
    count += Number(drawn > 0);
  }
  return count;
}

/** Adds the newest tree's prediction to every row that it was not grown on. */
function addOutOfBag(
  outOfBag: OutOfBagSums,
  builder: NodeBuilder,
  binned: BinnedMatrix,
  rows: Uint32Array,
  draws: Float64Array,
): void {
  const { sums, treeCounts } = outOfBag;
  const root = builder.rootOf(builder.treeCount - 1);
  for (const row of rows) {
    if ((draws[row] as number) > 0) continue;
    sums[row] = (sums[row] as number) + walkBinnedRow(builder, root, binned, row);
    treeCounts[row] = (treeCounts[row] as number) + 1;
  }
}
