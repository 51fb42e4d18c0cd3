import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { calibrate, calibrationGroup, conformalQuantile, coveredShare } from "./conformal.ts";

describe("conformal quantile", () => {
  it("is the ceil((n + 1) level)-th smallest score, exactly", () => {
    for (let n = 1; n <= 400; n += 1) {
      const scores = Float64Array.from({ length: n }, (_unused, index) => index + 1);
      // Integer arithmetic: ceil(9 (n + 1) / 10) without rounding error.
      const rank = Math.floor((9 * (n + 1) + 9) / 10);
      expect(conformalQuantile(scores, 0.9)).toBe(rank > n ? Number.POSITIVE_INFINITY : rank);
    }
  });

  it("promises nothing finite below 9 scores at 90 %", () => {
    expect(conformalQuantile(new Float64Array(), 0.9)).toBe(Number.POSITIVE_INFINITY);
    expect(conformalQuantile(new Float64Array(8), 0.9)).toBe(Number.POSITIVE_INFINITY);
    expect(conformalQuantile(Float64Array.from([1, 2, 3, 4, 5, 6, 7, 8, 9]), 0.9)).toBe(9);
  });

  it("covers the next of n + 1 exchangeable scores in exactly ceil((n + 1) level) of n + 1 orders", () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.integer(), { minLength: 12, maxLength: 60 }), (scores) => {
        let covered = 0;
        scores.forEach((score, next) => {
          const others = Float64Array.from(scores.filter((_score, index) => index !== next)).sort();
          if (score <= conformalQuantile(others, 0.9)) covered += 1;
        });
        expect(covered).toBe(Math.ceil(scores.length * 0.9 - 1e-9));
      }),
    );
  });

  it("refuses a level that is not a probability", () => {
    expect(() => conformalQuantile(new Float64Array(1), 1)).toThrow("between 0 and 1");
  });
});

describe("calibration", () => {
  it("sorts residuals and their sizes without touching its input", () => {
    const residuals = Float64Array.of(3, -5, 1);
    expect(calibrate({ residuals, scales: Float64Array.of(1, 1, 1) })).toEqual({
      n: 3,
      knots: [],
      groups: [
        {
          scaleMax: Number.POSITIVE_INFINITY,
          residuals: Float64Array.of(-5, 1, 3),
          scores: Float64Array.of(1, 3, 5),
        },
      ],
    });
    expect([...residuals]).toEqual([3, -5, 1]);
  });

  it("judges a forecast by residuals of similar scale, each used in exactly one group", () => {
    const scales = Float64Array.from({ length: 1500 }, (_unused, index) => (index * 7) % 1500);
    const calibration = calibrate({ residuals: scales, scales });
    expect(calibration.groups.map(({ scaleMax }) => scaleMax)).toEqual([499, 999, Number.POSITIVE_INFINITY]);
    expect(calibrationGroup(calibration, 500).residuals[0]).toBe(500);
    expect(calibrationGroup(calibration, 1e9).residuals[0]).toBe(1000);
    expect(calibration.groups.reduce((sum, { residuals }) => sum + residuals.length, 0)).toBe(1500);
  });

  it("counts residuals within closed bounds over n + 1", () => {
    const grouped = (residuals: number[]) =>
      calibrationGroup(
        calibrate({ residuals: Float64Array.from(residuals), scales: new Float64Array(residuals.length) }),
        0,
      );
    const calibration = grouped([-2, -1, 0, 1, 1, 2]);
    expect(coveredShare(calibration, -1, 1)).toBe(4 / 7);
    expect(coveredShare(calibration, Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY)).toBe(6 / 7);
    expect(coveredShare(calibration, 1, -1)).toBe(0);
    expect(coveredShare(grouped([]), -1, 1)).toBe(0);
  });
});
