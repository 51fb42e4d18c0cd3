import { expect, it } from "vitest";
import { createRates } from "./request-rates.ts";

it("lets three seconds' worth pass at once, and then as much as is allowed", () => {
  let now = 0;
  const rates = createRates(10, () => now);
  const passed = (count: number) =>
    Array.from({ length: count }, () => rates.isExceeded("ada")).filter((isTooMany) => !isTooMany).length;
  expect(passed(100)).toBe(30);
  now += 1_000;
  expect(passed(100)).toBe(9);
  now += 10_000;
  expect(passed(100)).toBe(30);
  expect(rates.isExceeded("eve")).toBe(false);
});
