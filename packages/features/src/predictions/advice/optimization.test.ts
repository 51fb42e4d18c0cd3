import type { RebalanceSuggestion } from "@obsqra/contract";
import { fixtureCsv } from "@obsqra/market/testing";
import { limitsForTolerance } from "@obsqra/ml";
import { afterAll, beforeAll, expect, it } from "vitest";
import { codeOf, createTestApi, errorOf, importCsv, type TestApi } from "../../testing/index.ts";

type Caller = Awaited<ReturnType<TestApi["signUp"]>>;

/** Keeps every limit of medium tolerance, and is not the best. */
const allowedAllocation = { ekubo: 20, nostra: 40, vesu: 40 };

function log(
  caller: Caller,
  tx_hash: string,
  change: { suggestion_id: string } | { allocation: Record<string, number> },
) {
  return caller.transactions.create({ tx_hash, tx_type: "allocate", amount: "1", ...change });
}

function sumOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0);
}

/** Σ share · forecast risk over the suggested shares. */
function riskOf({ shares }: RebalanceSuggestion): number {
  return sumOf(shares.map(({ basis_points, risk_score }) => (basis_points * (risk_score ?? 0)) / 10_000));
}

/** Shared, because its data takes a second to prepare: tests only read it, each as a user of its own. */
let api: TestApi;

beforeAll(async () => {
  api = await createTestApi({ withForecasts: true });
});

afterAll(() => api[Symbol.asyncDispose]());

it("suggests shares of 10,000 basis points within the limits, in order of tolerance, and nothing for zkLend", async () => {
  const ada = await api.signUp();
  const risks: number[] = [];
  for (const risk_tolerance of ["low", "medium", "high"] as const) {
    const suggestion = await ada.predictions.run_optimization({ risk_tolerance });
    expect(suggestion).toMatchObject({ outcome: "rebalance", risk_tolerance, expected_apy_before: null });
    expect(sumOf(suggestion.shares.map(({ basis_points }) => basis_points))).toBe(10_000);
    expect(sumOf(Object.values(suggestion.allocation))).toBeCloseTo(100, 9);
    const inProtocols = suggestion.shares.filter(({ protocol }) => protocol !== "unallocated");
    expect(Math.max(...inProtocols.map(({ percent }) => percent))).toBeLessThanOrEqual(50);
    const { max_portfolio_risk } = limitsForTolerance(risk_tolerance);
    expect(suggestion.portfolio_risk).toBeLessThanOrEqual(max_portfolio_risk + 1e-6);
    expect(suggestion.portfolio_risk).toBeCloseTo(riskOf(suggestion), 0);
    expect(suggestion.allocation).not.toHaveProperty("zklend");
    expect(suggestion.excluded).toContainEqual({ protocol: "zklend", reason: "exploited" });
    risks.push(suggestion.portfolio_risk);
  }
  expect(risks).toEqual(risks.toSorted((left, right) => left - right));
});

it("says what to do market by market, by which forecasts, models and data", async () => {
  const ada = await api.signUp();
  const suggestion = await ada.predictions.run_optimization({ assets: ["usdc"], amount: "10000.01" });
  const risk = await ada.predictions.risk_forecast({ granularity: "market" });
  const apy = await ada.predictions.yield_forecast({ granularity: "market" });
  expect(suggestion.model_versions).toEqual({ risk: risk.model.version, yield: apy.model.version });
  expect(suggestion.data_source).toEqual(risk.data_source);
  const markets = suggestion.shares.flatMap((share) => {
    expect(share.percent).toBe(share.basis_points / 100);
    expect(suggestion.allocation[share.protocol]).toBe(share.percent);
    expect(sumOf(share.markets.map(({ basis_points }) => basis_points))).toBe(share.basis_points);
    return share.markets;
  });
  expect(markets.map(({ market_id }) => market_id)).toEqual(["simulated:nostra:usdc", "simulated:vesu:usdc"]);
  expect(markets.map(({ amount }) => amount).sort()).toEqual(["5000.00", "5000.01"]);
  for (const market of markets) {
    const forecast = apy.items.find(({ market_id }) => market_id === market.market_id);
    expect(market).toMatchObject({
      assets: ["USDC"],
      stable: true,
      kind: "lending",
      chain: "Starknet",
      change_amount: market.amount,
      apy: forecast?.apy,
      apy_lower: forecast?.lower,
      apy_upper: forecast?.upper,
      risk_score: risk.items.find(({ market_id }) => market_id === market.market_id)?.risk_score,
      impermanent_loss: 0,
    });
    expect(market.net_apy_at_zero).toBe(market.apy);
    expect(market.net_apy_at_amount).toBeLessThanOrEqual(market.apy ?? 0);
  }
  expect(suggestion).toMatchObject({ amount: "10000.01", amount_assumed: false, unallocated_reason: null });
  expect(suggestion.costs).toMatchObject({ gas: "0.20", exchange: "0.00", assumed: true, horizon_days: 7 });
  expect(suggestion.optimality_gap).toBeLessThanOrEqual(0.01);
});

it("names the markets that get nothing, by reason", async () => {
  const ada = await api.signUp();
  const { excluded_markets } = await ada.predictions.run_optimization({ assets: ["USDC"] });
  expect(excluded_markets.map(({ reason, count }) => [reason, count])).toEqual([
    ["exploited", 3],
    ["other_asset", 8],
  ]);
  expect(excluded_markets[0]?.markets).toContainEqual({
    market_id: "simulated:zklend:usdc",
    protocol: "zklend",
    symbol: "USDC",
  });
});

it("leaves unallocated what would not get out of its markets again, and says so", async () => {
  const ada = await api.signUp();
  const suggestion = await ada.predictions.run_optimization({ assets: ["USDC"], amount: "50000000" });
  const { allocation, unallocated_reason, binding_limits, shares } = suggestion;
  expect(allocation.unallocated).toBeGreaterThan(90);
  expect(unallocated_reason).toContain("a tenth of what can be taken out");
  expect(binding_limits[0]).toMatchObject({
    limit: "exit_liquidity",
    shadow_price_unit: "percentage_point_of_share",
  });
  for (const { tvl_usd, amount } of shares.flatMap(({ markets }) => markets)) {
    expect(Number(amount)).toBeLessThanOrEqual((tvl_usd ?? 0) / 10);
  }
});

it("answers that nothing fits, where the wishes of the holder leave no market", async () => {
  const ada = await api.signUp();
  const suggestion = await ada.predictions.run_optimization({ assets: ["DOGE"] });
  expect(suggestion).toMatchObject({
    outcome: "hold",
    allocation: { unallocated: 100 },
    reason: expect.stringContaining("No market may hold what there is to invest."),
    unallocated_reason: expect.stringContaining("other asset"),
  });
});

it("goes on from the markets of a suggestion that was carried out, and from those that the run states", async () => {
  const ada = await api.signUp();
  const wishes = { assets: ["USDC"], amount: "10000" };
  const first = await ada.predictions.run_optimization(wishes);
  await log(ada, "0x1", { suggestion_id: first.id });
  const idsOf = ({ shares }: RebalanceSuggestion) =>
    shares.flatMap(({ markets }) =>
      markets.map(({ market_id, current_percent }) => [market_id, current_percent]),
    );
  const held = [
    ["simulated:nostra:usdc", 50],
    ["simulated:vesu:usdc", 50],
  ];
  expect(idsOf(await ada.predictions.run_optimization(wishes))).toEqual(held);
  const stated = await ada.predictions.run_optimization({
    ...wishes,
    current_markets: [{ market_id: "simulated:nostra:usdc", percent: 80 }],
  });
  expect(idsOf(stated)).toContainEqual(["simulated:nostra:usdc", 80]);
  // More of one protocol than is given anew need not leave it.
  expect(stated.allocation.nostra).toBeGreaterThanOrEqual(50);
});

it("takes the tolerance of the preferences unless the run states one", async () => {
  const ada = await api.signUp();
  await ada.users.update_preferences({ risk_tolerance: "high" });
  expect(await ada.predictions.run_optimization()).toMatchObject({ risk_tolerance: "high" });
  expect(await ada.predictions.run_optimization({ risk_tolerance: "medium" })).toMatchObject({
    risk_tolerance: "medium",
  });
});

it("holds once its suggestion has been carried out", async () => {
  const ada = await api.signUp();
  const first = await ada.predictions.run_optimization();
  await log(ada, "0x1", { suggestion_id: first.id });
  const second = await ada.predictions.run_optimization();
  expect(second).toMatchObject({
    outcome: "hold",
    allocation: first.allocation,
    turnover_percent: 0,
    expected_improvement: 0,
    reason: expect.stringMatching(/^Hold/),
  });
  expect(second.shares.map(({ percent }) => percent)).toEqual(
    second.shares.map(({ current_percent }) => current_percent),
  );
});

it("starts from the latest logged allocation, or from the one that the run states", async () => {
  const ada = await api.signUp();
  const currentOf = ({ shares }: RebalanceSuggestion) =>
    Object.fromEntries(
      shares
        .filter((share) => share.current_percent > 0)
        .map((share) => [share.protocol, share.current_percent]),
    );
  await log(ada, "0x1", { allocation: { nostra: 100 } });
  await log(ada, "0x2", { allocation: allowedAllocation });
  expect(currentOf(await ada.predictions.run_optimization())).toEqual(allowedAllocation);
  const stated = { ekubo: 12.34, vesu: 87.66 };
  expect(currentOf(await ada.predictions.run_optimization({ current_allocation: stated }))).toEqual(stated);
});

it("holds when no share would change by the user's threshold, and describes what is held", async () => {
  const ada = await api.signUp();
  const moved = await ada.predictions.run_optimization({ current_allocation: allowedAllocation });
  expect(moved.outcome).toBe("rebalance");
  expect(moved.turnover_percent).toBeGreaterThan(0);
  await ada.users.update_preferences({ rebalance_threshold: 100 });
  const held = await ada.predictions.run_optimization({ current_allocation: allowedAllocation });
  expect(held).toMatchObject({ outcome: "hold", allocation: allowedAllocation, turnover_percent: 0 });
  expect(held.portfolio_risk).toBeCloseTo(riskOf(held), 0);
  expect(held.portfolio_risk).not.toBe(moved.portfolio_risk);
});

it("moves out of an exploited protocol whatever that brings", async () => {
  const ada = await api.signUp();
  await ada.users.update_preferences({ rebalance_threshold: 100 });
  const suggestion = await ada.predictions.run_optimization({
    current_allocation: { ekubo: 45, vesu: 45, zklend: 10 },
  });
  expect(suggestion).toMatchObject({
    outcome: "rebalance",
    reason: expect.stringContaining("zklend is exploited"),
  });
  expect(suggestion.allocation).not.toHaveProperty("zklend");
  expect(suggestion.shares).toContainEqual(
    expect.objectContaining({ protocol: "zklend", basis_points: 0, current_percent: 10 }),
  );
});

it("gives money to preferred protocols only", async () => {
  const ada = await api.signUp();
  await ada.users.update_preferences({ risk_tolerance: "high", preferred_protocols: ["vesu", "nostra"] });
  const suggestion = await ada.predictions.run_optimization({
    current_allocation: { ekubo: 50, nostra: 50 },
  });
  expect(Object.keys(suggestion.allocation)).toEqual(["nostra", "vesu"]);
  expect(suggestion.reason).toContain("ekubo is not among the permitted protocols");
});

it("leaves the rest unallocated when the preferred protocols are too few", async () => {
  const ada = await api.signUp();
  const cases: [preferred: string[], allocation: Record<string, number>][] = [
    [["nostra"], { nostra: 50, unallocated: 50 }],
    [["zklend"], { unallocated: 100 }],
  ];
  for (const [preferred_protocols, allocation] of cases) {
    await ada.users.update_preferences({ preferred_protocols });
    const suggestion = await ada.predictions.run_optimization();
    expect(suggestion).toMatchObject({ allocation, unallocated_reason: expect.any(String) });
  }
  await ada.users.update_preferences({
    preferred_protocols: ["nostra"],
    max_protocol_share: 100,
    max_market_share: 100,
  });
  expect((await ada.predictions.run_optimization()).allocation).toEqual({ nostra: 100 });
});

it("refuses to judge a holding for which there is no forecast, and names it", async () => {
  await using api = await createTestApi({ withForecasts: true });
  await importCsv(api, fixtureCsv({ shape: "dex", markets: 1, days: 2, seed: 1 }));
  const ada = await api.signUp("ada@example.org");
  const current_allocation = { "fixture-swap": 50, nostra: 50 };
  expect(await errorOf(ada.predictions.run_optimization({ current_allocation }))).toMatchObject({
    code: "ALLOCATION_INVALID",
    details: { reason: expect.stringContaining("fixture-swap") },
  });
});

it("refuses a current allocation that does not sum to 100 or names an unknown protocol", async () => {
  const ada = await api.signUp();
  const run = (current_allocation: Record<string, number>) =>
    codeOf(ada.predictions.run_optimization({ current_allocation }));
  expect(await run({ nostra: 99.99 })).toBe("ALLOCATION_INVALID");
  expect(await run({})).toBe("ALLOCATION_INVALID");
  expect(await run({ nowhere: 100 })).toBe("PROTOCOL_UNKNOWN");
  expect(await run({ nostra: 33.333, vesu: 66.667 })).toBe("VALIDATION_FAILED");
  const market = { market_id: "simulated:nostra:usdc", percent: 60 };
  const byMarket = (
    current_markets: { market_id: string; percent: number }[],
    current_allocation?: Record<string, number>,
  ) =>
    codeOf(
      ada.predictions.run_optimization({
        current_markets,
        ...(current_allocation && { current_allocation }),
      }),
    );
  expect(await byMarket([market, { market_id: "simulated:vesu:usdc", percent: 60 }])).toBe(
    "ALLOCATION_INVALID",
  );
  expect(await byMarket([{ market_id: "nowhere", percent: 60 }])).toBe("ALLOCATION_INVALID");
  expect(await byMarket([market], { nostra: 100 })).toBe("ALLOCATION_INVALID");
});

it("prices the limits that hold the suggestion back", async () => {
  const ada = await api.signUp();
  const { binding_limits } = await ada.predictions.run_optimization();
  const prices = binding_limits.map(({ shadow_price }) => shadow_price ?? 0);
  expect(prices.length).toBeGreaterThan(0);
  expect(Math.min(...prices)).toBeGreaterThan(0);
  expect(prices).toEqual(prices.toSorted((left, right) => right - left));
});

it("still reads suggestions of versions that knew protocols only, without prices of limits", async () => {
  await using api = await createTestApi({ withForecasts: true });
  const ada = await api.signUp();
  const given = await ada.predictions.run_optimization();
  const unpriced = given.binding_limits.map(({ limit, protocol, sentence }) => ({
    limit,
    protocol,
    sentence,
  }));
  const { replay, ...data_source } = given.data_source;
  const { costs, optimality_gap, excluded_markets, improvement_interval, ...others } = given;
  const shares = given.shares.map((share) => ({ ...share, markets: ["USDC", "ETH"] }));
  await api.deps.db
    .updateTable("rebalance_suggestions")
    .set({ answer: JSON.stringify({ ...others, shares, binding_limits: unpriced, data_source }) })
    .execute();
  const { items } = await ada.predictions.rebalance_suggestions();
  expect(items[0]).toMatchObject({
    binding_limits: unpriced.map((limit) => ({ ...limit, shadow_price: null, shadow_price_unit: null })),
    data_source: { ...data_source, replay },
    shares: shares.map((share) => ({ ...share, markets: [] })),
    costs: null,
    optimality_gap: null,
    improvement_interval: null,
    excluded_markets: [],
  });
});

it("lists suggestions exactly as they were given, newest first, to their owner only", async () => {
  const [ada, eve] = [await api.signUp(), await api.signUp()];
  const given: RebalanceSuggestion[] = [];
  for (const risk_tolerance of ["low", "medium", "high"] as const) {
    given.unshift(await ada.predictions.run_optimization({ risk_tolerance }));
    await eve.predictions.run_optimization();
  }
  expect(await ada.predictions.rebalance_suggestions()).toEqual({ items: given, next_cursor: null });
  const first = await ada.predictions.rebalance_suggestions({ limit: 2 });
  const cursor = first.next_cursor ?? undefined;
  const rest = await ada.predictions.rebalance_suggestions({ limit: 2, cursor });
  expect([...first.items, ...rest.items]).toEqual(given);
});

it("tells of each suggestion in an event", async () => {
  const ada = await api.signUp();
  const { id, outcome } = await ada.predictions.run_optimization();
  const { id: owner_id } = await ada.auth.me();
  const events = await api.deps.db
    .selectFrom("events")
    .select(["type", "owner_id", "payload"])
    .where("subject", "=", id)
    .execute();
  expect(events).toEqual([{ type: "suggestion.made", owner_id, payload: { outcome } }]);
});
