// Casts of typed-array reads are safe: loops run over the array's own length.
import { ForestError } from "./errors.ts";

/** Row-major matrix: element (r, c) is `values[r * columnCount + c]`. NaN means missing. */
export interface Matrix {
  readonly rowCount: number;
  readonly columnCount: number;
  readonly values: Float64Array;
}

/** Largest number of feature columns; the model format keeps a column in 15 bits. */
export const maxColumnCount = 32_767;

/**
 * Copies rows into a matrix.
 *
 * @throws ForestError `EMPTY_DATA` without rows or columns, `SHAPE_MISMATCH` when rows differ in length
 * @example matrixFromRows([[1, 2], [3, Number.NaN]])
 */
export function matrixFromRows(rows: readonly (readonly number[])[]): Matrix {
  const columnCount = rows[0]?.length ?? 0;
  if (columnCount === 0) {
    throw new ForestError("EMPTY_DATA", "a matrix needs at least one row and one column");
  }
  const values = new Float64Array(rows.length * columnCount);
  for (const [index, row] of rows.entries()) {
    if (row.length !== columnCount) {
      throw new ForestError(
        "SHAPE_MISMATCH",
        `row ${index} has ${row.length} columns, row 0 has ${columnCount}`,
      );
    }
    values.set(row, index * columnCount);
  }
  return { rowCount: rows.length, columnCount, values };
}

/** Throws `SHAPE_MISMATCH` unless the matrix has the expected width and as many values as it claims. */
export function assertMatrixShape(matrix: Matrix, columnCount: number): void {
  if (matrix.columnCount !== columnCount) {
    throw new ForestError("SHAPE_MISMATCH", `expected ${columnCount} columns, got ${matrix.columnCount}`);
  }
  if (matrix.values.length !== matrix.rowCount * columnCount) {
    throw new ForestError(
      "SHAPE_MISMATCH",
      `${matrix.rowCount} rows of ${columnCount} columns need ${matrix.rowCount * columnCount} values, got ${matrix.values.length}`,
    );
  }
}

/** Throws `NOT_FINITE` when a value is infinite; NaN is allowed, as it means missing. */
export function assertNoInfinity(matrix: Matrix): void {
  const { values, columnCount } = matrix;
  for (let index = 0; index < values.length; index++) {
    const value = values[index] as number;
    if (value === Number.POSITIVE_INFINITY || value === Number.NEGATIVE_INFINITY) {
      throw new ForestError(
        "NOT_FINITE",
        `feature ${index % columnCount} of row ${Math.floor(index / columnCount)} is ${value}`,
      );
    }
  }
}
