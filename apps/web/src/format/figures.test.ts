import { expect, it } from "vitest";
import { change, level, money, percent, share, usd } from "./figures.ts";

it("writes figures with their units, and a dash where nothing is known", () => {
  expect([percent(8.456), share(0.625), level(0.9), usd(17_000_000)]).toEqual([
    "8.46 %",
    "62.5 %",
    "90 %",
    "$17.0M",
  ]);
  expect([percent(null), share(undefined), usd(null), money(null)]).toEqual(["–", "–", "–", "–"]);
  expect([change(0.2, percent), change(-9.221, percent)]).toEqual(["+0.20 %", "−9.22 %"]);
});

it("loses no digit of money", () => {
  expect(money("9007199254740993.07")).toBe("$9,007,199,254,740,993.07");
});
