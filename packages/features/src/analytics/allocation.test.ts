import { allocation } from "@obsqra/contract";
import { expect, it } from "vitest";
import { allocationToBasisPoints, allocationToPercent } from "./allocation.ts";

it("shows every number of basis points as a percentage that the contract accepts, and reads it back", () => {
  for (let basisPoints = 1; basisPoints < 10_000; basisPoints += 1) {
    const stored = { a: basisPoints, b: 10_000 - basisPoints };
    expect(allocationToBasisPoints(allocation.parse(allocationToPercent(stored)))).toEqual(stored);
  }
});

it("refuses shares that miss 100 % by one basis point", () => {
  expect(() => allocationToBasisPoints({ a: 50, b: 49.99 })).toThrow("sum to 99.99 %");
  expect(() => allocationToBasisPoints({ a: 50, b: 50.01 })).toThrow("sum to 100.01 %");
});
