import { it } from "vitest";
import { hasMarketFiles, readDexPanel, readLendingPanel } from "../src/test-support/read-market-files.ts";
import { expectPromisesKept } from "../src/test-support/score-held-out.ts";

// Samples of markets and days: enough for the statistics. All of them are in `real-data.long.test.ts`.
it.skipIf(!hasMarketFiles).each([
  ["DEX pools", () => readDexPanel().filter((_series, index) => index % 8 === 0), 20_330],
  ["Aave reserves", () => readLendingPanel().filter((_series, index) => index % 3 === 0), 20_420],
])("keeps its promises on a month of %s that it never saw", { timeout: 120_000 }, (_name, read, cutDay) => {
  expectPromisesKept({ panel: read(), cutDay, backtestDays: 30, everyDays: 4 });
});
