import { type BinnedMatrix, binFeatures, type Matrix } from "@obsqra/forest";
import type { BaselineForecasts, BaselineName } from "../forecast/baselines.ts";
import { baselineNames } from "../forecast/baselines.ts";
import { at } from "../numbers.ts";

/**
 * One row per market and observed day: what was known at the end of that day, and what happened afterwards.
 * Columns, not objects: 80,000 rows of 30 features take 20 MB.
 */
export interface SampleTable {
  rowCount: number;
  featureNames: readonly string[];
  /** Row-major, rowCount × featureNames.length; NaN = unknown. */
  features: Float64Array;
  /** Index of the row's market in the panel. */
  market: Int32Array;
  day: Int32Array;
  /** The outcome in natural units; NaN where it is not known (yet). */
  target: Float64Array;
  /** Today's value in natural units. */
  current: Float64Array;
  /** Weight of the market within its protocol; NaN = unknown. */
  tvlUsd: Float64Array;
  /** 1 where the market counts towards its protocol on the day: it has a risk score. */
  counted: Uint8Array;
  /** 1 where the value has moved lately, 0 where it is flat, by the market's own local volatility. */
  moving: Uint8Array;
  /** Robust local volatility in the task's transformed space, > 0: the scale of the intervals. */
  scale: Float64Array;
  /** By how much the stress of related markets widens the scale, at least 1; see `stress.ts`. */
  stress: Float64Array;
  baselines: BaselineForecasts;
}

/** One row while it is being written. */
interface SampleRow {
  market: number;
  day: number;
  target: number;
  current: number;
  tvlUsd: number;
  counted: boolean;
  moving: boolean;
  scale: number;
  stress: number;
}

/** The most rows that a market observed on `days` can have when only those from `fromDay` on, and its newest, are built. */
export function rowCountFrom(days: Int32Array, fromDay = Number.NEGATIVE_INFINITY): number {
  let count = 0;
  for (let index = 0; index < days.length; index += 1) if (at(days, index) >= fromDay) count += 1;
  return Math.max(count, Math.min(1, days.length));
}

/** Writes rows into preallocated columns. */
export interface SampleTableWriter {
  /** Appends a row; every feature missing in `features` is an error of the caller. */
  append(row: SampleRow, features: ArrayLike<number>, baselines: Record<BaselineName, number>): void;
  finish(): SampleTable;
}

/** A writer with room for `rowCountMax` rows. */
export function sampleTableWriter(featureNames: readonly string[], rowCountMax: number): SampleTableWriter {
  const width = featureNames.length;
  const column = () => new Float64Array(rowCountMax);
  const features = new Float64Array(rowCountMax * width);
  const market = new Int32Array(rowCountMax);
  const day = new Int32Array(rowCountMax);
  const flags = { counted: new Uint8Array(rowCountMax), moving: new Uint8Array(rowCountMax) };
  const columns = {
    target: column(),
    current: column(),
    tvlUsd: column(),
    scale: column(),
    stress: column(),
  };
  const baselines = {
    last_value: column(),
    mean_7d: column(),
    ewma_half_life_5d: column(),
    mean_30d: column(),
    median_30d: column(),
  } satisfies BaselineForecasts;
  let rowCount = 0;
  return {
    append(row, rowFeatures, rowBaselines) {
      for (let index = 0; index < width; index += 1) {
        features[rowCount * width + index] = at(rowFeatures, index);
      }
      market[rowCount] = row.market;
      day[rowCount] = row.day;
      columns.target[rowCount] = row.target;
      columns.current[rowCount] = row.current;
      columns.tvlUsd[rowCount] = row.tvlUsd;
      columns.scale[rowCount] = row.scale;
      columns.stress[rowCount] = row.stress;
      flags.counted[rowCount] = row.counted ? 1 : 0;
      flags.moving[rowCount] = row.moving ? 1 : 0;
      for (const name of baselineNames) baselines[name][rowCount] = rowBaselines[name];
      rowCount += 1;
    },
    finish() {
      const cut = (values: Float64Array) => values.subarray(0, rowCount);
      return {
        rowCount,
        featureNames,
        features: features.subarray(0, rowCount * width),
        market: market.subarray(0, rowCount),
        day: day.subarray(0, rowCount),
        target: cut(columns.target),
        current: cut(columns.current),
        tvlUsd: cut(columns.tvlUsd),
        counted: flags.counted.subarray(0, rowCount),
        moving: flags.moving.subarray(0, rowCount),
        scale: cut(columns.scale),
        stress: cut(columns.stress),
        baselines: {
          last_value: cut(baselines.last_value),
          mean_7d: cut(baselines.mean_7d),
          ewma_half_life_5d: cut(baselines.ewma_half_life_5d),
          mean_30d: cut(baselines.mean_30d),
          median_30d: cut(baselines.median_30d),
        },
      };
    },
  };
}

/** Rows of a table to learn from. */
export interface TrainingRows {
  readonly rows: Int32Array;
  /** Their features, as all forests read them that are fitted on these rows. */
  readonly features: BinnedMatrix;
}

/** Prepares rows for several fits; at least one. */
export function trainingRowsOf(table: SampleTable, rows: Int32Array): TrainingRows {
  const { rowCount, features: values, featureNames } = table;
  return { rows, features: binFeatures({ rowCount, columnCount: featureNames.length, values }, { rows }) };
}

/** The features of some rows as a matrix of their own. */
export function selectFeatures(table: SampleTable, rows: Int32Array): Matrix {
  const width = table.featureNames.length;
  const values = new Float64Array(rows.length * width);
  let start = 0;
  while (start < rows.length) {
    const first = at(rows, start);
    let end = start + 1;
    // Most rows follow one another, and a copy of many at once costs little more than that of one.
    while (end < rows.length && rows[end] === first + end - start) end += 1;
    values.set(table.features.subarray(first * width, (first + end - start) * width), start * width);
    start = end;
  }
  return { rowCount: rows.length, columnCount: width, values };
}

/** Indices of the rows of these days, both inclusive, ascending. */
export function rowsBetween(table: SampleTable, firstDay: number, lastDay: number): Int32Array {
  return selectRows(table, (row) => at(table.day, row) >= firstDay && at(table.day, row) <= lastDay);
}

/** Indices of the rows that satisfy a condition, ascending. */
export function selectRows(table: SampleTable, keep: (row: number) => boolean): Int32Array {
  const rows = new Int32Array(table.rowCount);
  let count = 0;
  for (let row = 0; row < table.rowCount; row += 1) {
    if (!keep(row)) continue;
    rows[count] = row;
    count += 1;
  }
  return rows.slice(0, count);
}

/** The features of one row. */
export function featuresOf({ features, featureNames }: SampleTable, row: number): Float64Array {
  return features.subarray(row * featureNames.length, (row + 1) * featureNames.length);
}

/** The last row of every market; rows are by market and day. */
export function newestRows(table: SampleTable): number[] {
  const rows: number[] = [];
  for (let row = 0; row < table.rowCount; row += 1) {
    if (at(table.market, row) !== at(table.market, row + 1)) rows.push(row);
  }
  return rows;
}
