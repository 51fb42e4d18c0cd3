import { it } from "vitest";
import { hasMarketFiles, readDexPanel, readLendingPanel } from "../src/test-support/read-market-files.ts";
import { expectPromisesKept } from "../src/test-support/score-held-out.ts";

it.skipIf(!hasMarketFiles).each([
  // Every fourth pool: enough for the statistics, and a quarter of the time.
  ["DEX pools", () => readDexPanel().filter((_series, index) => index % 4 === 0), 20_330],
  ["Aave reserves", readLendingPanel, 20_420],
])(
  "keeps its promises on every day of a month of %s that it never saw",
  { timeout: 600_000 },
  (_name, read, cutDay) => {
    expectPromisesKept({ panel: read(), cutDay, backtestDays: 90, everyDays: 1 });
  },
);
