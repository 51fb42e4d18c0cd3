import type { TrainingData } from "../src/index.ts";
import { createRandom, matrixFromRows } from "../src/index.ts";

/**
 * Friedman #1 (Friedman, "Multivariate adaptive regression splines", 1991) with five informative columns, uniform on
 * [0, 1), and noise of variance 1 (a sum of twelve uniforms). The target's standard deviation is about 5.
 */
export function friedmanData(rowCount: number, seed: number, columnCount = 5): TrainingData {
  const random = createRandom(seed);
  const rows = Array.from({ length: rowCount }, () =>
    Array.from({ length: columnCount }, () => random.nextFloat()),
  );
  const target = Float64Array.from(rows, ([a = 0, b = 0, c = 0, d = 0, e = 0]) => {
    let noise = -6;
    for (let k = 0; k < 12; k++) noise += random.nextFloat();
    return 10 * Math.sin(Math.PI * a * b) + 20 * (c - 0.5) ** 2 + 10 * d + 5 * e + noise;
  });
  return { features: matrixFromRows(rows), target };
}

export function dataFromRows(rows: readonly (readonly number[])[], target: readonly number[]): TrainingData {
  return { features: matrixFromRows(rows), target: Float64Array.from(target) };
}

export function rootMeanSquaredError(predictions: Float64Array, target: Float64Array): number {
  const squares = predictions.map((value, row) => (value - (target[row] ?? Number.NaN)) ** 2);
  return Math.sqrt(mean(squares));
}

export function standardDeviation(values: Float64Array): number {
  return rootMeanSquaredError(new Float64Array(values.length).fill(mean(values)), values);
}

export function mean(values: Float64Array): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
