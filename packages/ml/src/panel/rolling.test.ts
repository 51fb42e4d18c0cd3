import { describe, expect, it } from "vitest";
import { dailyGrid, spreadOnGrid } from "./daily-grid.ts";
import {
  carryForward,
  changeOver,
  exponentialMean,
  trailingAbsoluteDeviation,
  trailingCount,
  trailingDeviation,
  trailingMax,
  trailingMean,
  trailingMedian,
  trailingMin,
} from "./rolling.ts";

const unknown = Number.NaN;

describe("daily grid", () => {
  it("makes gaps explicit and infinite values unknown", () => {
    const grid = dailyGrid(Int32Array.of(10, 12, 13));
    expect(grid).toMatchObject({ firstDay: 10, dayCount: 4 });
    expect([...spreadOnGrid(grid, [1, 2, Number.POSITIVE_INFINITY])]).toEqual([1, unknown, 2, unknown]);
  });

  it("is empty for a series without days", () => {
    expect(dailyGrid(new Int32Array()).dayCount).toBe(0);
  });
});

describe("trailing statistics", () => {
  const values = Float64Array.of(1, unknown, 4, 10, 1);

  it("count calendar days, not observations", () => {
    expect([...trailingMean(values, 2)]).toEqual([1, 1, 4, 7, 5.5]);
    expect([...trailingCount(values, 3)]).toEqual([1, 1, 2, 2, 3]);
  });

  it("agree with their textbook definitions", () => {
    expect([...trailingMedian(values, 4)]).toEqual([1, 1, 2.5, 4, 4]);
    expect([...trailingMin(values, 3)]).toEqual([1, 1, 1, 4, 1]);
    expect([...trailingMax(values, 3)]).toEqual([1, 1, 4, 10, 10]);
    expect(trailingDeviation(values, 3)[4]).toBeCloseTo(Math.sqrt(((4 - 5) ** 2 + 25 + 16) / 2), 12);
    expect(trailingAbsoluteDeviation(values, 3)[4]).toBeCloseTo((1 + 5 + 4) / 3, 12);
    expect([...changeOver(values, 2)]).toEqual([unknown, unknown, 3, unknown, -3]);
  });

  it("are unknown below the required number of observations", () => {
    expect(trailingMean(values, 2, 2)[2]).toBe(unknown);
    expect(trailingDeviation(values, 1)[4]).toBe(unknown);
  });

  it("halve the weight of an observation per half-life, gaps included", () => {
    const result = exponentialMean(Float64Array.of(8, unknown, 2), 2);
    expect(result[2]).toBeCloseTo((8 * 0.5 + 2) / 1.5, 12);
    expect(exponentialMean(Float64Array.of(unknown), 2)[0]).toBe(unknown);
  });

  it("carry a value forward no further than allowed", () => {
    expect([...carryForward(Float64Array.of(unknown, 3, unknown, unknown), 1)]).toEqual([
      unknown,
      3,
      3,
      unknown,
    ]);
  });
});
