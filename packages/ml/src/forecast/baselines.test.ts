import { expect, it } from "vitest";
import { baselineForecasts, baselineNames, baselinesAt, rankBaselines } from "./baselines.ts";

it("forecasts a constant series exactly with every baseline", () => {
  const forecasts = baselineForecasts(new Float64Array(40).fill(3));
  for (const name of baselineNames) expect(baselinesAt(forecasts, 39)[name]).toBeCloseTo(3, 12);
});

it("reads no day after the one it forecasts from", () => {
  const values = Float64Array.from({ length: 60 }, (_unused, day) => Math.sin(day));
  const changed = values.map((value, day) => (day > 45 ? 100 : value));
  expect(baselinesAt(baselineForecasts(changed), 45)).toEqual(baselinesAt(baselineForecasts(values), 45));
});

it("ranks the baselines by absolute error, the simpler one first on a tie", () => {
  const forecasts = baselineForecasts(Float64Array.of(1, 1, 1, 9));
  const rows = Int32Array.of(3);
  expect(rankBaselines(forecasts, Float64Array.of(0, 0, 0, 9), rows)[0]).toBe("last_value");
  expect(rankBaselines(forecasts, Float64Array.of(0, 0, 0, 1), rows)[0]).toBe("median_30d");
  expect(rankBaselines(forecasts, Float64Array.of(1, 0, 0, 0), Int32Array.of(0))).toEqual([...baselineNames]);
});
