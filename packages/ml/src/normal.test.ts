import { describe, expect, it } from "vitest";
import { normalCdf, normalQuantile } from "./normal.ts";

// CPython 3 statistics.NormalDist().cdf(x) and .inv_cdf(p).
const cdfValues: [number, number][] = [
  [-3, 0.0013498980316301035],
  [-1.5, 0.06680720126885809],
  [-0.1, 0.460172162722971],
  [0, 0.5],
  [0.5, 0.6914624612740131],
  [1, 0.8413447460685429],
  [1.959963984540054, 0.975],
  [4, 0.9999683287581669],
];
const quantileValues: [number, number][] = [
  [0.001, -3.090232306167813],
  [0.75, 0.6744897501960817],
  [0.95, 1.6448536269514715],
  [0.975, 1.9599639845400536],
  [0.9995, 3.2905267314919255],
];

describe("normalCdf", () => {
  it.each(cdfValues)("at %d agrees with CPython's NormalDist", (x, expected) => {
    expect(normalCdf(x)).toBeCloseTo(expected, 13);
  });

  it("keeps its relative precision in the far tail and saturates beyond it", () => {
    // Φ(−8) = 6.220960574271786e-16 (Wolfram Alpha: 0.5 erfc(8/√2)).
    expect(normalCdf(-8) / 6.220960574271786e-16).toBeCloseTo(1, 6);
    expect([normalCdf(-1e300), normalCdf(1e300)]).toEqual([0, 1]);
  });
});

describe("normalQuantile", () => {
  it.each(quantileValues)("at %d agrees with CPython's NormalDist", (probability, expected) => {
    expect(normalQuantile(probability)).toBeCloseTo(expected, 11);
  });
});
