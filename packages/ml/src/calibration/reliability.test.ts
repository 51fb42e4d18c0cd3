import { expect, it } from "vitest";
import { reliabilityTable } from "./reliability.ts";

it("tabulates stated against observed confidence, the last bin closed, empty bins left out", () => {
  expect(reliabilityTable([0.1, 0.15, 1], [0, 1, 1], 5)).toEqual([
    { from: 0, to: 0.2, n: 2, stated: 0.125, observed: 0.5 },
    { from: 0.8, to: 1, n: 1, stated: 1, observed: 1 },
  ]);
});
