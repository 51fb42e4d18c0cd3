import { readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import type { TrainingData } from "../src/index.ts";

/** One data set of reference/scikit_learn_reference.py, and what scikit-learn reached on it, per seed. */
export interface ReferenceTable {
  readonly name: string;
  readonly forestErrors: readonly number[];
  readonly boostingErrors: readonly number[];
  /** Per seed, the rows to fit on and those to test on. */
  readonly splits: readonly { readonly training: TrainingData; readonly held: TrainingData }[];
}

interface TableDescription {
  readonly name: string;
  readonly row_count: number;
  readonly column_count: number;
  readonly order_length: number;
  readonly training_row_count: number;
  readonly random_forest_rmse: readonly number[];
  readonly hist_gradient_boosting_rmse: readonly number[];
}

/** Reads the committed files. Both programs fit exactly these numbers. */
export function readReferenceTables(): ReferenceTable[] {
  const read = (name: string) => readFileSync(new URL(`../reference/${name}`, import.meta.url));
  const { tables } = JSON.parse(read("scikit-learn-accuracy.json").toString()) as {
    tables: readonly TableDescription[];
  };
  const data = Uint8Array.from(gunzipSync(read("scikit-learn-data.bin.gz"))).buffer;
  let offset = 0;
  const take = <TArray>(
    type: new (buffer: ArrayBuffer, start: number, length: number) => TArray,
    length: number,
    size: number,
  ) => {
    const start = offset;
    offset += length * size;
    return new type(data.slice(start, offset), 0, length);
  };
  return tables.map((table) => {
    const values = take(Float32Array, table.row_count * table.column_count, 4);
    const target = take(Float32Array, table.row_count, 4);
    const part = (rows: Uint16Array): TrainingData => ({
      features: {
        rowCount: rows.length,
        columnCount: table.column_count,
        values: Float64Array.from({ length: rows.length * table.column_count }, (_, i) => {
          const row = rows[Math.floor(i / table.column_count)] ?? 0;
          return values[row * table.column_count + (i % table.column_count)] ?? Number.NaN;
        }),
      },
      target: Float64Array.from(rows, (row) => target[row] ?? Number.NaN),
    });
    return {
      name: table.name,
      forestErrors: table.random_forest_rmse,
      boostingErrors: table.hist_gradient_boosting_rmse,
      splits: table.random_forest_rmse.map(() => {
        const order = take(Uint16Array, table.order_length, 2);
        return {
          training: part(order.subarray(0, table.training_row_count)),
          held: part(order.subarray(table.training_row_count)),
        };
      }),
    };
  });
}
