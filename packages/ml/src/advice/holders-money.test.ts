import { expect, it } from "vitest";
import { testMarket, testRequest } from "../test-support/advice-fixtures.ts";
import type { AdviceRequest, MarketAdvice, MarketCandidate } from "./advice-types.ts";
import { createAdviser } from "./adviser.ts";

const optimizer = await createAdviser();

const certain = (value: number) => ({ value, lower: value, upper: value, level: 0.9 });
const market = (id: string, apy: number, overrides: Partial<MarketCandidate> = {}) =>
  testMarket(id, apy, { apy: certain(apy), ...overrides });
const allIn = (id: string) => [{ protocol: id, market_id: id, basis_points: 10_000 }];
const wide = { max_protocol_bp: 10_000, max_market_bp: 10_000 };

function ask(markets: readonly MarketCandidate[], overrides: Partial<AdviceRequest> = {}): MarketAdvice {
  return optimizer.advise(testRequest(markets, overrides));
}

function enteredIn({ lines }: MarketAdvice): (string | null)[] {
  return lines.filter((line) => line.target_bp > line.current_bp).map(({ market_id }) => market_id);
}

it("stays within the assets that are held, and says so, until others are asked for", () => {
  const markets = [
    market("here", 2),
    market("better", 4),
    market("foreign", 9, { symbol: "FRAX" }),
    market("pool", 90, { symbol: "USDC-ETH", kind: "dex" }),
  ];
  const held = allIn("here");
  const within = ask(markets, { held, wishes: wide });
  expect(enteredIn(within)).toEqual(["better"]);
  expect(within.excluded.map(({ market_id, reason }) => [market_id, reason])).toEqual([
    ["foreign", "other_asset"],
    ["pool", "other_asset"],
  ]);
  expect(within.warnings).toEqual([expect.stringContaining("Markets of USDC only were looked at")]);
  const asked = ask(markets, { held, wishes: { ...wide, assets: ["USDC", "FRAX"] } });
  expect(enteredIn(asked)).toEqual(["foreign"]);
  expect(asked.swap_usd).toBeGreaterThan(0);
  // Nobody knows in which market, so nobody knows of which assets.
  const somewhere = [{ protocol: "here", market_id: null, basis_points: 5_000 }];
  expect(ask(markets, { held: somewhere }).excluded).toEqual([]);
});

it("enters assets whose price moves only for what that risk is worth", () => {
  const held = allIn("usdc");
  const wishes = { ...wide, assets: ["USDC", "ETH"] };
  const entered = (apy: number) => {
    const advice = ask([market("usdc", 4), market("eth", apy, { symbol: "WETH" })], { held, wishes });
    return [enteredIn(advice), advice.lines.find(({ market_id }) => market_id === "eth")?.price_risk];
  };
  // Half the variance of 80 % a year.
  expect(entered(34)).toEqual([[], undefined]);
  expect(entered(42)).toEqual([["eth"], expect.closeTo(32, 10)]);
  // Who has both has no price between them.
  const both = [
    { protocol: "usdc", market_id: "usdc", basis_points: 5_000 },
    { protocol: "eth", market_id: "eth", basis_points: 5_000 },
  ];
  const advice = ask([market("usdc", 4), market("eth", 9, { symbol: "WETH" })], { held: both, wishes });
  expect(advice.lines.map(({ price_risk }) => price_risk)).toEqual([0, 0]);
  // A range of prices for the whole question: 1.645 · 80 % · √(30 / 365).
  expect(advice.warnings).toContainEqual(expect.stringContaining("± 38 % of ETH over 30 days"));
});

it("counts what exchanging much moves the price by", () => {
  const markets = [market("usdc", 2), market("usdt", 60, { symbol: "USDT" })];
  const costOf = (amount_usd: number, chain: string) =>
    ask(
      markets.map((each) => ({ ...each, chain, tvl_usd: null })),
      { held: allIn("usdc"), wishes: { ...wide, assets: ["USDC", "USDT"] }, amount_usd },
    ).swap_usd;
  // 5 basis points, and half of the percent that 1 million moves the price by on Starknet.
  expect(costOf(10_000, "Starknet")).toBeCloseTo(5 + 0.5, 10);
  expect(costOf(1_000_000, "Starknet")).toBeCloseTo(500 + 5_000, 10);
  expect(costOf(1_000_000, "Ethereum")).toBeCloseTo(500 + 100, 10);
});

it("exchanges as much as pays for how far that moves the price", () => {
  const markets = [market("usdc", 2), market("usdt", 14, { symbol: "USDT" })].map((each) => ({
    ...each,
    tvl_usd: null,
  }));
  const wishes = { ...wide, assets: ["USDC", "USDT"] };
  const worth = (share: number) =>
    share * 12 - ((0.0005 * share * 1e6 + 0.005 * share ** 2 * 1e6) / 1e6) * 100 * (365 / 30);
  const advice = ask(markets, { held: allIn("usdc"), wishes, amount_usd: 1e6 });
  const share = (advice.lines.find(({ market_id }) => market_id === "usdt")?.target_bp ?? 0) / 10_000;
  const best = Math.max(...Array.from({ length: 1_001 }, (_, part) => worth(part / 1_000)));
  expect(share).toBeLessThan(1);
  // What is curved is cut into eight straight pieces at most: half a piece beside the best is 12.2 · (1 / 16)² / 2 less.
  expect(worth(share)).toBeGreaterThan(best - 0.024);
});

it("takes off what a protocol keeps of the fees of its pools, and nothing of incentives or of what is stated", () => {
  const pool = market("ekubo", 10, {
    symbol: "USDC-USDT",
    kind: "dex",
    apy_base: 6,
    apy_reward: 4,
    tvl_usd: null,
  });
  const [line] = ask([pool], { wishes: wide }).lines;
  const loss = line?.impermanent_loss.apy ?? 0;
  // A fifth of the 60 % that are fees.
  expect(line).toMatchObject({ protocol_fee: expect.closeTo(1.2, 10) });
  expect(line?.net_apy_at_target).toBeCloseTo(10 - 1.2 - loss, 10);
  const [stated] = ask([pool], { wishes: wide, apys: "stated" }).lines;
  expect(stated).toMatchObject({ protocol_fee: 0, net_apy_at_target: expect.closeTo(10 - loss, 10) });
});

it("lets stay what must, whatever it earns, whatever limit it breaks and whatever its protocol is", () => {
  const markets = [market("poor", 1, { status: "paused", risk_score: 90 }), market("rich", 9)];
  const held = allIn("poor");
  const wishes = { max_market_bp: 3_000, max_protocol_bp: 3_000 };
  expect(ask(markets, { held, wishes })).toMatchObject({ outcome: "rebalance", unallocated_bp: 7_000 });
  const kept = ask(markets, { held, wishes: { ...wishes, must_stay: ["poor"] } });
  expect(kept).toMatchObject({ outcome: "hold", largest_change_bp: 0 });
  // Half of it somewhere in a protocol.
  const somewhere = [{ protocol: "poor", market_id: null, basis_points: 5_000 }];
  const figures = { protocol: "poor", status: "active", apy: certain(1), risk_score: 50 } as const;
  const free = ask([market("rich", 9)], { held: somewhere, protocols: [figures], wishes: wide });
  expect(free.lines.map(({ protocol, target_bp }) => [protocol, target_bp])).toContainEqual(["poor", 0]);
  const stays = ask([market("rich", 9)], {
    held: somewhere,
    protocols: [figures],
    wishes: { ...wide, must_stay: ["poor"] },
  });
  expect(stays.lines.map(({ protocol, target_bp }) => [protocol, target_bp])).toEqual([
    ["poor", 5_000],
    ["rich", 5_000],
  ]);
});

it("names the chain of a market where there are several", () => {
  const markets = [market("a", 9, { chain: "Base", symbol: "USDC" }), market("b", 1, { chain: "Starknet" })];
  expect(ask(markets).reason).toContain("Put 50 % USDC in a on Base");
  expect(ask(markets.slice(0, 1)).reason).toContain("Put 50 % USDC in a.");
});

it("moves no further than it must where going further does not pay", () => {
  const wishes = { ...wide, assets: ["USDC"] };
  const markets = [market("risky", 6, { risk_score: 90 }), market("safe", 1, { risk_score: 5 })];
  const low = ask(markets, { held: allIn("risky"), wishes, tolerance: "low" });
  expect(low).toMatchObject({ outcome: "rebalance", forced_moves: [{ cause: "max_portfolio_risk" }] });
  // Its 6 % do not pay for a risk of 90 at low tolerance; but nobody asked, and the limit of 40 is kept with 44.44 %.
  expect(low.lines).toMatchObject([{ market_id: "risky", target_bp: 4_444 }]);
  // Where it pays, what leaves goes on.
  const better = [market("risky", 6, { status: "paused" }), market("safe", 5, { risk_score: 5 })];
  expect(enteredIn(ask(better, { held: allIn("risky"), wishes }))).toEqual(["safe"]);
  // Of two that may stay, the one that pays more for its risk does.
  const two = [market("a", 9, { risk_score: 60 }), market("b", 3, { risk_score: 60 })];
  const halves = ["a", "b"].map((id) => ({ protocol: id, market_id: id, basis_points: 5_000 }));
  const kept = ask(two, { held: halves, wishes: { ...wishes, max_market_bp: 5_000 }, tolerance: "low" });
  expect(kept.lines.map(({ market_id, target_bp }) => [market_id, target_bp])).toEqual([
    ["a", 5_000],
    ["b", 1_666],
  ]);
});

it("says that bridges are not counted, where something moves from one chain to another", () => {
  const markets = [market("here", 2, { chain: "Base" }), market("there", 9, { chain: "Starknet" })];
  const bridged = expect.stringContaining("bridges");
  expect(ask(markets, { held: allIn("here"), wishes: wide }).warnings).toContainEqual(bridged);
  const oneChain = markets.map((each) => ({ ...each, chain: "Base" }));
  expect(ask(oneChain, { held: allIn("here"), wishes: wide }).warnings).not.toContainEqual(bridged);
});
