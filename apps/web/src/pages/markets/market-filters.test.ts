import type { Market } from "@obsqra/client";
import { describe, expect, it } from "vitest";
import { type MarketView, readMarketView, selectMarkets } from "./market-filters.ts";

function market(change: Partial<Market>): Market {
  return {
    market_id: change.symbol ?? "",
    protocol: "nostra",
    protocol_name: "Nostra",
    status: "active",
    symbol: "USDC",
    chain: "Starknet",
    kind: "lending",
    assets: ["USDC"],
    stable: true,
    frozen: false,
    as_of: null,
    apy: 1,
    apy_base: null,
    apy_reward: null,
    tvl_usd: 1,
    utilization: null,
    risk_score: null,
    risk_parts: null,
    unknown_inputs: [],
    recent_apy: [],
    expected_apy: null,
    expected_risk: null,
    illiquidity_probability: null,
    ...change,
  };
}

const usdc = market({ symbol: "USDC", tvl_usd: 10, risk_score: 40 });
const eth = market({ symbol: "ETH", assets: ["ETH"], stable: false, tvl_usd: 30, apy: 2 });
const pool = market({
  symbol: "ETH-USDC",
  assets: ["ETH", "USDC"],
  kind: "dex",
  protocol: "ekubo",
  protocol_name: "Ekubo",
  stable: false,
  tvl_usd: null,
  apy: 9,
  risk_score: 20,
});

describe("a view of the markets", () => {
  const select = (view: MarketView) => selectMarkets([usdc, eth, pool], view).map(({ symbol }) => symbol);

  it("has the largest first, and what is unknown last in either direction", () => {
    expect(select({})).toEqual(["ETH", "USDC", "ETH-USDC"]);
    expect(select({ order: "ascending" })).toEqual(["USDC", "ETH", "ETH-USDC"]);
    expect(select({ sort: "risk" })).toEqual(["ETH-USDC", "USDC", "ETH"]);
    expect(select({ sort: "apy" })).toEqual(["ETH-USDC", "ETH", "USDC"]);
  });

  it("is narrowed by token, kind, protocol, stability and words", () => {
    expect(select({ asset: "USDC" })).toEqual(["USDC", "ETH-USDC"]);
    expect(select({ kind: "dex" })).toEqual(["ETH-USDC"]);
    expect(select({ protocol: "nostra", stable: true })).toEqual(["USDC"]);
    expect(select({ q: "eth ekubo" })).toEqual(["ETH-USDC"]);
  });

  it("is read from an address that anybody may have written", () => {
    expect(readMarketView({ q: 5, kind: "dex", stable: true, sort: "apy", order: "ascending" })).toEqual({
      q: "5",
      kind: "dex",
      stable: true,
      sort: "apy",
      order: "ascending",
    });
    expect(readMarketView({ q: {}, kind: "x", stable: "yes", sort: "__proto__", order: 1 })).toEqual({});
  });
});
