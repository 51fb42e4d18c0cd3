// Casts of typed-array reads are safe: offsets were built from the values they point into.

import { ForestError } from "./errors.ts";
import type { ForestModel } from "./model.ts";

/** The different thresholds of a model: those of column c, ascending, are values[offsets[c] … offsets[c + 1]). */
export interface ThresholdTable {
  readonly values: Float64Array;
  readonly offsets: Uint32Array;
}

/** Collects the thresholds of a model. Throws `BAD_MODEL` when a column has more than 65,536. */
export function collectThresholds(model: ForestModel): ThresholdTable {
  const columns = Array.from({ length: model.columnCount }, () => new Set<number>());
  for (let node = 0; node < model.nodeChildren.length; node++) {
    if (model.nodeChildren[node] === 0) continue;
    columns[model.nodeFeatures[node] as number]?.add(model.nodeThresholds[node] as number);
  }
  const sorted = columns.map((thresholds) => Float64Array.from(thresholds).sort());
  const offsets = new Uint32Array(model.columnCount + 1);
  for (const [column, thresholds] of sorted.entries()) {
    if (thresholds.length > 65_536) {
      throw new ForestError("BAD_MODEL", `column ${column} has ${thresholds.length} different thresholds`);
    }
    offsets[column + 1] = (offsets[column] as number) + thresholds.length;
  }
  const values = new Float64Array(offsets[model.columnCount] as number);
  for (const [column, thresholds] of sorted.entries()) values.set(thresholds, offsets[column] as number);
  return { values, offsets };
}

/** The place of a threshold among those of its column. O(log thresholds). */
export function thresholdIndex(table: ThresholdTable, column: number, threshold: number): number {
  const from = table.offsets[column] as number;
  let low = from;
  let high = (table.offsets[column + 1] as number) - 1;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (threshold <= (table.values[middle] as number)) high = middle;
    else low = middle + 1;
  }
  return low - from;
}
