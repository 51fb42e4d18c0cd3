// Casts of typed-array reads are safe: loops run over lengths that the same function allocated.
import type { Matrix } from "../matrix.ts";

/** Largest `binCount`; one more code is kept for missing values, so that a code always fits in a byte. */
export const maxBinCount = 255;

/**
 * The training features as small integers, column-major (Ke et al., "LightGBM", 2017, section 2).
 *
 * Column c of row r is `codes[c * rowCount + r]`. Codes 0 … finiteBinCounts[c] - 1 are ordered value ranges; the code
 * `finiteBinCounts[c]` is "missing". `cuts[c][b]` separates bin b from bin b + 1: a value lies in bin b or lower exactly
 * when `value <= cuts[c][b]`. The last entry of each `cuts[c]` is +Infinity ("every value that is not missing").
 */
export interface BinnedMatrix {
  readonly rowCount: number;
  readonly columnCount: number;
  readonly codes: Uint8Array;
  readonly cuts: readonly Float64Array[];
  readonly finiteBinCounts: Int32Array;
  readonly hasMissing: Uint8Array;
  /** Where the codes of column c start in a histogram; length columnCount + 1. */
  readonly histogramOffsets: Int32Array;
}

/**
 * Bins every column. A column with at most `binCount` distinct values gets one bin per value, so split finding is exact
 * there; otherwise bins hold about equally many rows, and a frequent value gets a bin of its own. A cut lies half-way
 * between the neighbouring values. Only the `deciding` rows (default all) decide on the bins. With `rows`, the result has these rows of
 * the matrix only. O(columns · rows · log rows).
 */
export function binMatrix(
  { rowCount: wholeCount, columnCount, values }: Matrix,
  binCount: number,
  { rows, deciding }: { rows?: ArrayLike<number> | undefined; deciding?: Uint32Array } = {},
): BinnedMatrix {
  const rowCount = rows?.length ?? wholeCount;
  const codes = new Uint8Array(rowCount * columnCount);
  const cuts: Float64Array[] = [];
  const finiteBinCounts = new Int32Array(columnCount);
  const hasMissing = new Uint8Array(columnCount);
  const histogramOffsets = new Int32Array(columnCount + 1);
  const column = new Float64Array(rowCount);
  for (let c = 0; c < columnCount; c++) {
    for (let row = 0; row < rowCount; row++) {
      column[row] = values[(rows === undefined ? row : (rows[row] as number)) * columnCount + c] as number;
    }
    const columnCuts = findCuts(valuesToSort(column, deciding), binCount);
    cuts.push(columnCuts);
    finiteBinCounts[c] = columnCuts.length;
    hasMissing[c] = encodeColumn(column, columnCuts, codes, c * rowCount) ? 1 : 0;
    histogramOffsets[c + 1] = (histogramOffsets[c] as number) + columnCuts.length + (hasMissing[c] as number);
  }
  return { rowCount, columnCount, codes, cuts, finiteBinCounts, hasMissing, histogramOffsets };
}

function valuesToSort(column: Float64Array, rows: Uint32Array | undefined): Float64Array {
  if (rows === undefined || rows.length === column.length) return column.slice();
  return Float64Array.from(rows, (row) => column[row] as number);
}

/** The upper limits of the bins of one column, ascending, ending in +Infinity; at least one bin. Sorts the values. */
function findCuts(values: Float64Array, binCount: number): Float64Array {
  const sorted = values.sort();
  let finiteCount = sorted.length;
  while (finiteCount > 0 && Number.isNaN(sorted[finiteCount - 1])) finiteCount--;
  const distinct = countDistinct(sorted, finiteCount);
  const cuts: number[] = [];
  let binsLeft = binCount;
  let rowsLeft = finiteCount;
  let rowsInBin = 0;
  let index = 0;
  while (index < finiteCount) {
    const value = sorted[index] as number;
    let end = index + 1;
    while (end < finiteCount && sorted[end] === value) end++;
    const rowsOfValue = end - index;
    const isFull =
      distinct <= binCount || (binsLeft > 1 && (rowsInBin + rowsOfValue / 2) * binsLeft > rowsLeft);
    if (rowsInBin > 0 && isFull) {
      cuts.push(cutBetween(sorted[index - 1] as number, value));
      rowsLeft -= rowsInBin;
      binsLeft--;
      rowsInBin = 0;
    }
    rowsInBin += rowsOfValue;
    index = end;
  }
  cuts.push(Number.POSITIVE_INFINITY);
  return Float64Array.from(cuts);
}

function countDistinct(sorted: Float64Array, count: number): number {
  let distinct = count > 0 ? 1 : 0;
  for (let index = 1; index < count; index++) if (sorted[index] !== sorted[index - 1]) distinct++;
  return distinct;
}

/** A number t with low <= t < high, half-way where floating point allows; halves are added so that it cannot overflow. */
function cutBetween(low: number, high: number): number {
  const middle = low * 0.5 + high * 0.5;
  // Adding 0 turns -0 into 0, so that equal cuts have equal bytes.
  return (middle >= low && middle < high ? middle : low) + 0;
}

/** Writes the codes of one column; returns whether a value was missing. */
function encodeColumn(column: Float64Array, cuts: Float64Array, codes: Uint8Array, offset: number): boolean {
  let hasMissing = false;
  for (let row = 0; row < column.length; row++) {
    const value = column[row] as number;
    if (Number.isNaN(value)) {
      codes[offset + row] = cuts.length;
      hasMissing = true;
    } else {
      let low = 0;
      let high = cuts.length - 1;
      while (low < high) {
        const middle = (low + high) >>> 1;
        if (value <= (cuts[middle] as number)) high = middle;
        else low = middle + 1;
      }
      codes[offset + row] = low;
    }
  }
  return hasMissing;
}
