import { expect, it } from "vitest";
import { canonicalJson, sha256Hex, utf8 } from "../model-format/content-hash.ts";
import { randomAdviceRequest, testMarket, testRequest } from "../test-support/advice-fixtures.ts";
import { adviceRevision } from "./advice-basis.ts";
import { adviceConfidence, gainKept } from "./advice-confidence.ts";
import type { AdviceRequest, MarketAdvice } from "./advice-types.ts";
import { createAdviser } from "./adviser.ts";
import { limitsForTolerance } from "./tolerances.ts";

const optimizer = await createAdviser();

function riskOf({ lines }: MarketAdvice): number {
  return lines.reduce(
    (sum, { basis_points, risk_score }) => sum + (basis_points * (risk_score ?? 100)) / 10_000,
    0,
  );
}

const tolerances = ["low", "medium", "high"] as const;

it.each([2, 12, 60])(
  "orders tolerances by risk and keeps every limit, of %i random markets",
  (marketCount) => {
    for (let seed = 1; seed <= 60; seed += 1) {
      const request = randomAdviceRequest(seed, marketCount);
      const advices = tolerances.map((tolerance) => optimizer.advise({ ...request, tolerance }));
      const risks = advices.map(riskOf);
      expect(risks).toEqual(risks.toSorted((left, right) => left - right));
      for (const [index, advice] of advices.entries()) {
        const total = advice.lines.reduce((sum, { basis_points }) => sum + basis_points, 0);
        expect(total + advice.unallocated_bp).toBe(10_000);
        expect(advice.unallocated_bp).toBeGreaterThanOrEqual(0);
        expect(advice.optimality_gap).toBeLessThanOrEqual(0.01);
        if (advice.outcome === "hold") continue;
        const { max_portfolio_risk } = limitsForTolerance(tolerances[index] ?? "low");
        const excluded = new Map(advice.excluded.map(({ market_id, reason }) => [market_id, reason]));
        const locked = advice.lines.filter(({ market_id }) =>
          ["illiquid", "stale_forecast", "no_forecast"].includes(excluded.get(market_id ?? "") ?? ""),
        );
        if (locked.length === 0) expect(riskOf(advice)).toBeLessThanOrEqual(max_portfolio_risk + 1e-6);
        for (const line of advice.lines) {
          if (line.basis_points > line.current_bp) expect(excluded.has(line.market_id ?? "")).toBe(false);
        }
      }
    }
  },
);

it("is that of its revision of the arithmetic", () => {
  // Where advice differs on purpose, adviceRevision is the next number: a verifier of today does not try to give that of the last one again.
  const advice = Array.from({ length: 20 }, (_, seed) => optimizer.advise(randomAdviceRequest(seed + 1, 25)));
  expect([adviceRevision, sha256Hex(utf8(canonicalJson(advice)))]).toEqual([
    5,
    "cd7576c99efebc89f3659e72d7f7a8bbab90258e20d7bef4386ec7709ce96aa1",
  ]);
});

it("keeps the largest share of one chain, says what it costs, and makes what is above it leave", () => {
  const markets = ["a", "b", "c"].map((id, place) =>
    testMarket(id, 9 - place, { protocol: id, chain: id === "c" ? "Starknet" : "Base" }),
  );
  const ask = (overrides: Partial<AdviceRequest>) => optimizer.advise(testRequest(markets, overrides));
  const onBase = ({ lines }: MarketAdvice) =>
    lines.filter(({ chain }) => chain === "Base").reduce((sum, line) => sum + line.target_bp, 0);
  expect(onBase(ask({}))).toBe(10_000);
  const limited = ask({ wishes: { max_chain_bp: 6_000 } });
  expect(onBase(limited)).toBe(6_000);
  const limit = limited.binding_limits.find((each) => each.limit === "max_chain");
  expect(limit).toMatchObject({ chain: "Base", protocol: null, market_id: null });
  // A point more goes from the market on Starknet to the second on Base, which pays a point more before doubt.
  expect(limit?.shadow_price).toBeGreaterThan(0);
  const held = [{ protocol: "a", market_id: "a", basis_points: 10_000 }];
  const left = ask({ held, wishes: { max_chain_bp: 6_000, max_protocol_bp: 10_000, max_market_bp: 10_000 } });
  expect(left.outcome).toBe("rebalance");
  expect(left.forced_moves).toMatchObject([
    { cause: "max_chain", sentence: expect.stringContaining("Base") },
  ]);
  expect(onBase(left)).toBe(6_000);
  for (let seed = 1; seed <= 40; seed += 1) {
    const random = randomAdviceRequest(seed, 40);
    const advice = optimizer.advise({ ...random, wishes: { ...random.wishes, max_chain_bp: 2_500 } });
    const byChain = Map.groupBy(advice.lines, ({ chain }) => chain);
    for (const [chain, lines] of byChain) {
      const total = lines.reduce((sum, line) => sum + line.target_bp, 0);
      const kept = lines.reduce((sum, line) => sum + Math.min(line.current_bp, line.target_bp), 0);
      expect(chain === null || total <= Math.max(2_500, kept)).toBe(true);
    }
    expect(advice.optimality_gap).toBeLessThanOrEqual(0.01);
  }
});

it("does not depend on the order of markets", () => {
  for (let seed = 1; seed <= 20; seed += 1) {
    const request = randomAdviceRequest(seed, 25);
    const reversed = { ...request, markets: request.markets.toReversed() };
    expect(optimizer.advise(reversed)).toEqual(optimizer.advise(request));
  }
});

/** Risk-adjusted yield of shares, in the optimiser's own terms, by the same facts. */
it("finds no worse mix than any other of two markets, on a grid", () => {
  const markets = [
    testMarket("a", 6, { risk_score: 50, apy: { value: 6, lower: 6, upper: 6, level: 0.9 } }),
    testMarket("b", 4, {
      risk_score: 20,
      apy: { value: 4, lower: 4, upper: 4, level: 0.9 },
      tvl_usd: 60_000,
    }),
  ];
  const { max_portfolio_risk, risk_aversion } = limitsForTolerance("low");
  const request = testRequest(markets, { tolerance: "low", amount_usd: 10_000 });
  const worthOf = (a: number, b: number) => {
    const supplied = 60_000 / 0.4;
    const diluted = 4 * (supplied / (supplied + b * 10_000)) ** 2;
    const large = 6 * (125_000_000 / (125_000_000 + a * 10_000)) ** 2;
    const gas = (((a > 0 ? 0.1 : 0) + (b > 0 ? 0.1 : 0)) / 10_000) * 100 * (365 / 30);
    return a * large + b * diluted - risk_aversion * (a * 50 + b * 20) - gas;
  };
  const advice = optimizer.advise(request);
  const share = (id: string) =>
    (advice.lines.find(({ market_id }) => market_id === id)?.target_bp ?? 0) / 10_000;
  let best = 0;
  for (let a = 0; a <= 0.5; a += 0.01) {
    for (let b = 0; b <= 0.5; b += 0.01) {
      if (a * 50 + b * 20 <= max_portfolio_risk) best = Math.max(best, worthOf(a, b));
    }
  }
  expect(worthOf(share("a"), share("b"))).toBeGreaterThanOrEqual(best - 0.01);
});

it("holds money out of what is exploited, frozen, lent out, stale or unknown, and says why", () => {
  const advice = optimizer.advise(
    testRequest([
      testMarket("exploited", 50, { status: "exploited" }),
      testMarket("frozen", 50, { frozen: true }),
      testMarket("illiquid", 50, { utilization: 0.99 }),
      testMarket("stale", 50, { stale: true }),
      testMarket("unknown", 50, { kind: "unknown", risk_score: null }),
      testMarket("small", 50, { tvl_usd: 900 }),
      testMarket("good", 5),
    ]),
  );
  expect(advice.lines.map(({ market_id, basis_points }) => [market_id, basis_points])).toEqual([
    ["good", 5_000],
  ]);
  expect(advice.excluded.map(({ market_id, reason }) => [market_id, reason])).toEqual([
    ["exploited", "exploited"],
    ["frozen", "frozen"],
    ["illiquid", "illiquid"],
    ["small", "too_small"],
    ["stale", "stale_forecast"],
    ["unknown", "no_forecast"],
  ]);
});

it("keeps to the assets of the holder, and prices pools by their impermanent loss", () => {
  const markets = [
    testMarket("usdc", 4),
    testMarket("eth", 6, { symbol: "WETH" }),
    testMarket("pool", 25, { symbol: "ETH-USDC", kind: "dex", protocol: "ekubo" }),
  ];
  const idsFor = (assets: string[]) =>
    optimizer
      .advise(testRequest(markets, { wishes: { assets } }))
      .lines.map(({ market_id }) => market_id)
      .sort();
  expect(idsFor(["USDC"])).toEqual(["usdc"]);
  expect(idsFor(["eth"])).toEqual(["eth"]);
  // 25 % of fees less 27.3 % of expected loss is less than nothing.
  expect(idsFor(["USDC", "ETH"])).toEqual(["eth", "usdc"]);
});

it("moves out of a forbidden place whatever that costs, and nowhere where nothing is better", () => {
  const held = [{ protocol: "bad", market_id: "bad", basis_points: 10_000 }];
  const advice = optimizer.advise(testRequest([testMarket("bad", 9, { status: "paused" })], { held }));
  expect(advice).toMatchObject({ outcome: "rebalance", unallocated_bp: 10_000 });
  expect(advice.reason).toContain("is paused, so its 100 % must leave");
});

it("holds when gas takes more than the move brings, and moves when the amount is large", () => {
  const markets = [
    testMarket("here", 4, { chain: "Ethereum", apy: { value: 4, lower: 3.9, upper: 4.1, level: 0.9 } }),
    testMarket("there", 6, { chain: "Ethereum", apy: { value: 6, lower: 5.9, upper: 6.1, level: 0.9 } }),
  ];
  const ask = (amount_usd: number) =>
    optimizer.advise(
      testRequest(markets, {
        amount_usd,
        held: [{ protocol: "here", market_id: "here", basis_points: 10_000 }],
      }),
    );
  expect(ask(1_000)).toMatchObject({ outcome: "hold" });
  const large = ask(100_000);
  expect(large).toMatchObject({ outcome: "rebalance", gas_usd: 6 });
  // Half of it moves, for 2 percentage points more, of which 60 % are counted on: 6 USD come back after 3.65 days.
  expect(large.break_even_days).toBeCloseTo(6 / ((100_000 * 0.5 * 0.02 * 0.6) / 365), 1);
});

it("counts gas as it was read where it was, and refuses what is no price", () => {
  const markets = [
    testMarket("here", 4, { chain: "Ethereum", apy: { value: 4, lower: 3.9, upper: 4.1, level: 0.9 } }),
    testMarket("there", 6, { chain: "Base", apy: { value: 6, lower: 5.9, upper: 6.1, level: 0.9 } }),
  ];
  const held = [{ protocol: "here", market_id: "here", basis_points: 10_000 }];
  const ask = (gas: AdviceRequest["gas"]) =>
    optimizer.advise(testRequest(markets, { amount_usd: 1e5, held, gas }));
  expect(ask(undefined).gas_usd).toBeCloseTo(3.1, 12);
  expect(ask([{ chain: "ethereum", usd: 0.5 }]).gas_usd).toBeCloseTo(0.6, 12);
  // In a protocol as a whole, on the dearest of its chains.
  const somewhere = [{ protocol: "here", market_id: null, basis_points: 10_000 }];
  const whole = (gas: AdviceRequest["gas"]) =>
    optimizer.advise(
      testRequest(markets, {
        amount_usd: 1e5,
        held: somewhere,
        gas,
        protocols: [{ protocol: "here", status: "paused", apy: null, risk_score: null }],
        wishes: { protocols: ["there"] },
      }),
    );
  expect(whole(undefined).gas_usd - whole([{ chain: "Ethereum", usd: 0.5 }]).gas_usd).toBeCloseTo(2.5, 12);
  for (const usd of [-1, Number.NaN, Number.POSITIVE_INFINITY]) {
    expect(() => ask([{ chain: "Ethereum", usd }])).toThrow("gas must be");
  }
});

it("names the two facts that decided, from the figures of the advice", () => {
  const certain = (value: number) => ({ value, lower: value, upper: value, level: 0.9 });
  const poor = testMarket("poor", 2, { apy: certain(2), risk_score: 30 });
  const rich = testMarket("rich", 9, { apy: certain(9), risk_score: 20 });
  const held = [{ protocol: "poor", market_id: "poor", basis_points: 10_000 }];
  const wishes = { max_protocol_bp: 10_000, max_market_bp: 10_000 };
  const ask = (overrides: Partial<AdviceRequest>) =>
    optimizer.advise(testRequest([poor, rich], { held, wishes, ...overrides }));
  const move = ask({});
  const line = (id: string) => move.lines.find(({ market_id }) => market_id === id);
  expect(move.reason).toContain(
    `What decided it: USDC in rich gets 100 %: it is expected to pay ${line("rich")?.net_apy_at_target?.toFixed(2)} % a year net, at a risk of 20.0. USDC in poor gives up 100 %: it is expected to pay 2.00 % a year net, at a risk of 30.0.`,
  );
  // From nothing, what a limit keeps out is the second fact.
  const entered = optimizer.advise(testRequest([rich], { wishes: { max_market_bp: 4_000 } }));
  expect(entered.reason).toMatch(/What decided it: USDC in rich gets 40 %.*largest share of one market/);
  // Against a move: what it would bring, and what it would cost.
  const nearly = [
    { protocol: "rich", market_id: "rich", basis_points: 9_700 },
    { protocol: "poor", market_id: "poor", basis_points: 300 },
  ];
  const hold = ask({ held: nearly });
  expect(hold).toMatchObject({ outcome: "hold", largest_change_bp: 300 });
  expect(hold.reason).toMatch(
    /What decided it: The move changes the expected yield by 0\.21 percentage points a year, of which 60 % are counted on\. Its cost takes .* over 30 days\.$/,
  );
});

it("counts on less of a gain the longer it has to last, and is never surer than what was observed allows", () => {
  expect([1, 7, 30, 365].map(gainKept)).toEqual([0.85, 0.85, 0.6, 0.6]);
  for (const [days, windows] of [
    [7, 38],
    [30, 19],
  ] as const) {
    const confidences = [0, 0.2, 0.35, 0.45, 0.65, 0.75, 0.96, 1].map((raw) => adviceConfidence(raw, days));
    expect(confidences).toEqual(confidences.toSorted((left, right) => left - right));
    // Of so many windows that all came out ahead, one less than all.
    expect(Math.max(...confidences)).toBeLessThan((windows + 1) / (windows + 2));
    expect(Math.min(...confidences)).toBeGreaterThan(0);
    // What came out ahead less often than a move asks for is none.
    expect(adviceConfidence(0.69, days)).toBeLessThan(0.8);
    expect(adviceConfidence(0.7, days)).toBeGreaterThan(0.8);
  }
  expect(adviceConfidence(1, 18.5)).toBeCloseTo((adviceConfidence(1, 7) + adviceConfidence(1, 30)) / 2, 12);
});

it.each([
  ["amount_usd", { amount_usd: 0 }],
  ["holding_period_days", { holding_period_days: 0 }],
  ["held", { held: [{ protocol: "a", market_id: "a", basis_points: 10_001 }] }],
] satisfies [string, Partial<AdviceRequest>][])("refuses a %s out of range", (field, overrides) => {
  expect(() => optimizer.advise(testRequest([testMarket("a", 4)], overrides))).toThrow(
    expect.objectContaining({ code: "invalid_request", field }),
  );
});
