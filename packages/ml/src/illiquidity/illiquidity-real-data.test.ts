import { expect, it } from "vitest";
import { hasMarketFiles, readLendingPanel } from "../test-support/read-market-files.ts";
import { evaluateIlliquidity } from "./illiquidity.ts";

it.skipIf(!hasMarketFiles)(
  "foresees illiquid Aave reserves far better than the base rate, and is calibrated",
  () => {
    const report = evaluateIlliquidity(readLendingPanel(), { backtestDays: 90, seed: 1 });
    expect(report?.forecasts).toBeGreaterThan(10_000);
    expect(report?.served.skill).toBeGreaterThan(0.85);
    // Only seven reserves became illiquid in these 90 days: too few to ask for more.
    expect(report?.onset?.model.skill).toBeGreaterThan(0);
    for (const { n, stated, observed } of report?.reliability ?? []) {
      if (n >= 200) expect(Math.abs(stated - observed)).toBeLessThan(0.05);
    }
  },
);
