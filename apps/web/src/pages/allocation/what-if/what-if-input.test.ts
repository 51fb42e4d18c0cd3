import { expect, it } from "vitest";
import { askableMarkets, firstSettings, toWhatIfInput } from "./what-if-input.ts";

type Markets = Parameters<typeof askableMarkets>[0];

const expected = { value: 5, lower: 4, upper: 7, interval_level: 0.9, target_at: "2026-12-08", stale: false };
const parts = { utilization: 0.5, volatility: 1, liquidity_tier: 1, audit_score: 90, age_days: 400 };

/** What matters of a market here; the rest is not looked at. */
function createMarkets(...fields: readonly object[]): Markets {
  const common = { protocol: "nostra", chain: "Starknet", status: "active", kind: "lending", frozen: false };
  return fields.map((own, index) => ({
    ...common,
    market_id: `market ${index}`,
    symbol: "USDC",
    tvl_usd: 100,
    expected_apy: expected,
    risk_parts: parts,
    ...own,
  })) as unknown as Markets;
}

it("asks about the largest markets of which enough is known, at most fifty", () => {
  const all = createMarkets(
    { tvl_usd: 1 },
    { tvl_usd: 3 },
    { expected_apy: null },
    { risk_parts: null },
    { frozen: true },
  );
  expect(askableMarkets(all).map(({ market_id }) => market_id)).toEqual(["market 1", "market 0"]);
  expect(askableMarkets(createMarkets(...Array.from({ length: 60 }, () => ({}))))).toHaveLength(50);
});

it("moves the band along with an APY, and counts no utilization of a pool", () => {
  const markets = askableMarkets(createMarkets({}, { kind: "dex" }));
  const { protocols } = toWhatIfInput(markets, { ...firstSettings, apys: { "market 0": 8 } }, undefined);
  expect(protocols[0]).toMatchObject({ apy: 8, apy_interval: { lower: 7, upper: 10, level: 0.9 } });
  expect(protocols[1]).toMatchObject({ apy: 5, metrics: { utilization: null } });
});

it("spreads what is held in a protocol over its markets by value locked", () => {
  const markets = askableMarkets(createMarkets({ tvl_usd: 200 }, { tvl_usd: 100 }, { protocol: "vesu" }));
  const { current_markets } = toWhatIfInput(markets, firstSettings, {
    nostra: 50,
    gone: 10,
    unallocated: 40,
  });
  expect(current_markets).toEqual([
    { market_id: "market 0", percent: 33.33 },
    { market_id: "market 1", percent: 16.66 },
  ]);
  expect(toWhatIfInput(markets, firstSettings, undefined)).not.toHaveProperty("current_markets");
});
