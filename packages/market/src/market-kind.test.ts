import { describe, expect, it } from "vitest";
import { createDefiLlamaSource } from "./defillama/defillama-source.ts";
import { hasSeveralAssets } from "./market-kind.ts";
import type { MarketDataset } from "./market-source.ts";
import { chartFixture, poolFixture, startDefiLlamaDouble } from "./testing/defillama-double.ts";
import { loadContent, testNow } from "./testing/file-fixtures.ts";

const header =
  "pool,project,chain,symbol,timestamp,tvlUsd,apy,apyBaseBorrow,utilization,frozen,category,exposure";

interface Cells {
  borrow?: string;
  utilization?: string;
  frozen?: string;
  category?: string;
  exposure?: string;
}

/** Daily rows of a market on Ethereum; `cells` tells what a day says besides TVL and APY. */
function rows(project: string, symbol: string, cells: (day: number) => Cells = () => ({}), days = 10) {
  return Array.from({ length: days }, (_, day) => {
    const { borrow = "", utilization = "", frozen = "", category = "", exposure = "" } = cells(day);
    const moment = new Date(Date.UTC(2026, 0, 1 + day, 12)).toISOString();
    const said = [borrow, utilization, frozen, category, exposure].join(",");
    return `${project}:${symbol},${project},Ethereum,${symbol},${moment},1000000,5,${said}`;
  });
}

function kindsOf({ markets }: MarketDataset): Record<string, string> {
  return Object.fromEntries(markets.map(({ market }) => [market.id, market.kind]));
}

async function kindOf(project: string, symbol: string, cells?: (day: number) => Cells, days?: number) {
  const lines = rows(project, symbol, cells, days);
  const forwards = kindsOf(await loadContent([header, ...lines].join("\n")));
  const backwards = kindsOf(await loadContent([header, ...lines.toReversed()].join("\n")));
  expect(backwards).toEqual(forwards);
  return forwards[`${project}:${symbol}`];
}

it.each(["morpho-v1", "euler-v2", "fluid-lending"])(
  "does not know of a market of one asset of %s what it is, until something is borrowed from it",
  async (project) => {
    expect(await kindOf(project, "USDC")).toBe("unknown");
    expect(await kindOf(project, "USDC", () => ({ utilization: "0", borrow: "0" }))).toBe("unknown");
    expect(await kindOf(project, "USDC", () => ({ utilization: "0.8" }))).toBe("lending");
    expect(await kindOf(project, "USDC", () => ({ borrow: "4.2" }))).toBe("lending");
    expect(await kindOf(project, "USDC", () => ({ frozen: "False" }))).toBe("lending");
  },
);

it("looks at all rows of a market: the first may say nothing that a later one does", async () => {
  expect(await kindOf("morpho-v1", "USDC", (day) => (day < 9 ? {} : { utilization: "0.8" }))).toBe("lending");
  expect(await kindOf("morpho-v1", "USDC", (day) => (day > 0 ? {} : { utilization: "0.8" }))).toBe("lending");
});

it("takes two assets for a DEX pool, but not where something is borrowed on a week of days; on fewer, it knows neither", async () => {
  expect(await kindOf("fluid-dex", "ETH-USDC")).toBe("dex");
  expect(await kindOf("fluid-dex", "ETH-USDC", () => ({ utilization: "0", borrow: "0" }))).toBe("dex");
  expect(await kindOf("morpho-v1", "ETH-USDC", () => ({ utilization: "0.9" }))).toBe("lending");
  expect(await kindOf("morpho-v1", "ETH-USDC", (day) => (day < 6 ? { utilization: "0.9" } : {}))).toBe(
    "unknown",
  );
  expect(await kindOf("fluid-dex", "ETH-USDC", (day) => (day < 9 ? {} : { utilization: "400" }))).toBe("dex");
});

it("takes a category at its word, and an exposure rather than a symbol", async () => {
  expect(await kindOf("newcomer", "USDC", () => ({ category: "Lending" }))).toBe("lending");
  expect(await kindOf("newcomer", "USDC", () => ({ category: "Dexs" }))).toBe("dex");
  expect(await kindOf("newcomer", "USDC", () => ({ category: "Liquid Staking" }))).toBe("unknown");
  expect(await kindOf("newcomer", "ETH-USDC", () => ({ category: "Lending" }))).toBe("lending");
  expect(await kindOf("newcomer", "CRVUSD3", () => ({ exposure: "multi" }))).toBe("dex");
  expect(await kindOf("newcomer", "USDC-PRIME", () => ({ exposure: "single" }))).toBe("unknown");
});

it("asks the registry last: a lender's pool of two assets is a DEX pool", async () => {
  expect(await kindOf("vesu", "USDC")).toBe("lending");
  expect(await kindOf("nostra-money-market", "ETH")).toBe("lending");
  expect(await kindOf("nostra-pools", "ETH-USDC")).toBe("dex");
  expect(await kindOf("ekubo", "EKUBO")).toBe("dex");
  expect(await kindOf("ekubo", "EKUBO", () => ({ utilization: "0.3" }))).toBe("lending");
});

describe("hasSeveralAssets", () => {
  it.each([
    "ETH-USDC",
    "DAI-USDC-USDT",
    "EURC-USD+",
    "1$-USDC",
    "4-WBNB",
    "ETH/USDC",
    "USDC.e - USDC",
    "WETH-USDC-0.05%",
  ])("sees them in %s", (symbol) => {
    expect(hasSeveralAssets({ symbol })).toBe(true);
  });

  it.each([
    "USDC",
    "BTC.b",
    "USD₮0",
    "m.USDC",
    "USD+",
    "PT-SUSDE-29MAY2025",
    "USDC-1",
    "USDC-V2",
    "-USDC",
    "USDC-",
    "USDC-0.05%",
  ])("sees one in %s", (symbol) => {
    expect(hasSeveralAssets({ symbol })).toBe(false);
  });
});

it("tells DefiLlama's pools by their exposure, category and borrow side, and asks no pool of several assets for one", async () => {
  const pool = (project: string, symbol: string, given: Record<string, unknown>) =>
    poolFixture({ pool: `${project}:${symbol}`, project, symbol, ...given });
  const pools = [
    pool("morpho-v1", "STEAKUSDC", { exposure: "single" }),
    pool("euler-v2", "WETH", { exposure: "single" }),
    pool("fluid-lending", "USDC", { exposure: "single" }),
    pool("fluid-dex", "ETHUSDC", { exposure: "multi" }),
    pool("curve-dex", "DAI-USDC-USDT", { exposure: null }),
    pool("stated", "ETH-USDC", { exposure: "multi", category: "Lending" }),
    pool("endur", "XSTRK", { exposure: "single" }),
  ];
  const side = (totalSupplyUsd: number | null, totalBorrowUsd: number | null) =>
    chartFixture(10).map(({ timestamp }) => ({
      timestamp,
      totalSupplyUsd,
      totalBorrowUsd,
      apyBaseBorrow: null,
    }));
  await using double = await startDefiLlamaDouble({
    pools,
    charts: Object.fromEntries(pools.map(({ pool: id }) => [String(id), chartFixture(10)])),
    lendBorrowCharts: {
      "euler-v2:WETH": side(100, 80),
      "fluid-lending:USDC": side(100, 0),
      "endur:XSTRK": side(null, null),
    },
  });
  const dataset = await createDefiLlamaSource({
    baseUrl: double.url,
    projects: pools.map(({ project }) => String(project)),
    fetch,
    clock: () => testNow,
    retries: 0,
    concurrency: 1,
  }).load();
  expect(kindsOf(dataset)).toEqual({
    // Its borrow side could not be had; where there was one before, nothing of it is taken.
    "morpho-v1:STEAKUSDC": "unknown",
    "euler-v2:WETH": "lending",
    "fluid-lending:USDC": "lending",
    "fluid-dex:ETHUSDC": "dex",
    "curve-dex:DAI-USDC-USDT": "dex",
    "stated:ETH-USDC": "lending",
    "endur:XSTRK": "unknown",
  });
  expect(dataset.doubts?.map(({ market, cause }) => [market.id, cause])).toEqual([
    ["morpho-v1:STEAKUSDC", "no_borrow_side"],
    ["stated:ETH-USDC", "no_borrow_side"],
  ]);
  const asked = double.requests.filter((path) => path.startsWith("/chartLendBorrow/"));
  expect(asked).not.toContainEqual(expect.stringMatching("dex"));
});
