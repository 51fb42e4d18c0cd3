import { type WhatIfInput, whatIfExample, whatIfInput } from "@obsqra/contract";
import { roundFigure } from "@obsqra/contract/testing";
import { riskScore } from "@obsqra/starknet";
import { afterAll, beforeAll, expect, it } from "vitest";
import { createTestApi, errorOf, type TestApi } from "../../testing/index.ts";

const question = whatIfInput.parse(whatIfExample);
const [nostra, zklend, ekubo] = question.protocols as [Question, Question, Question];
type Question = WhatIfInput["protocols"][number];

/** Shared, because tests only read it, each as a user of its own. */
let api: TestApi;

beforeAll(async () => {
  api = await createTestApi();
});

afterAll(() => api[Symbol.asyncDispose]());

it("needs no forecasts: 10,000 basis points over metrics and APYs from the request", async () => {
  const ada = await api.signUp();
  const response = await ada.predictions.what_if(question);
  expect(response).toMatchObject({
    outcome: "rebalance",
    allocation: { ekubo: 50, nostra: 50 },
    target_allocation: { ekubo: 50, nostra: 50 },
    risk_tolerance: "medium",
    limits: { max_share: 50, max_portfolio_risk: 60 },
    costs: { moving_cost_bp: null, holding_period_days: 30 },
    amount: "10000",
    unallocated_reason: null,
    expected_apy_before: null,
    confidence: null,
    improvement_interval: null,
  });
  expect(response.shares.reduce((sum, { basis_points }) => sum + basis_points, 0)).toBe(10_000);
  expect(response.expected_apy_after).toBe(10.3);
  // Two deposits on Starknet, 10 cents each.
  expect(response.cost_bp).toBe(0.2);
  expect(response.expected_improvement).toBe(roundFigure("apyPoints", 10.3 - (0.002 * 365) / 30));
  expect(response.reason).not.toContain("probability");
});

it("scores each protocol by the contract's arithmetic and shows the score's parts", async () => {
  const ada = await api.signUp();
  const { shares, portfolio_risk_after } = await ada.predictions.what_if(question);
  const metrics = {
    utilization_bp: 0,
    volatility_bp: 2_500,
    liquidity_tier: 2,
    audit_score: 95,
    age_days: 600,
  };
  expect(shares.find(({ protocol }) => protocol === "ekubo")).toMatchObject({
    risk_score: riskScore(metrics),
    risk_components: { utilization: 0, volatility: 10, liquidity: 15, audit: 1, age: 1 },
  });
  const weighted = shares.reduce(
    (sum, { basis_points, risk_score }) => sum + (basis_points / 10_000) * (risk_score ?? Number.NaN),
    0,
  );
  expect(portfolio_risk_after).toBe(roundFigure("score", weighted));
});

it("prices the limits that bind, each in its unit", async () => {
  const ada = await api.signUp();
  const limited = (max_share: number) => ada.predictions.what_if({ ...question, limits: { max_share } });
  const { binding_limits } = await limited(45);
  expect(
    binding_limits.map(({ limit, protocol, shadow_price_unit }) => [limit, protocol, shadow_price_unit]),
  ).toEqual([
    ["max_market", "ekubo", "percentage_point_of_share"],
    ["max_market", "nostra", "percentage_point_of_share"],
  ]);
  const objectiveOf = async (max_share: number) => {
    const { shares } = await limited(max_share);
    return shares.reduce(
      (sum, { percent, apy, risk_score }) => sum + (percent / 100) * ((apy ?? 0) - 0.05 * (risk_score ?? 0)),
      0,
    );
  };
  // What one point more for both takes from the third.
  const gain = (await objectiveOf(46)) - (await objectiveOf(45));
  const prices = binding_limits.reduce((sum, { shadow_price }) => sum + (shadow_price ?? 0), 0);
  expect(prices).toBeCloseTo(gain, 3);
});

it("keeps the largest share of one chain, and says of which", async () => {
  const ada = await api.signUp();
  const asked = { ...question, limits: { max_chain_share: 30 } };
  const { target_allocation, binding_limits, limits } = await ada.predictions.what_if(asked);
  const { unallocated = 0, ...invested } = target_allocation;
  expect(Object.values(invested).reduce((sum, share) => sum + share, 0)).toBe(30);
  expect(unallocated).toBe(70);
  expect(binding_limits).toContainEqual(
    expect.objectContaining({ limit: "max_chain", chain: "Starknet", protocol: null }),
  );
  expect(limits.max_chain_share).toBe(30);
});

it("says of a protocol that the registry has as exploited that real suggestions never use it", async () => {
  const ada = await api.signUp();
  expect((await ada.predictions.what_if(question)).warnings).toContainEqual(
    expect.stringMatching(/^zklend is exploited in the registry.*run_optimization never gives it money\.$/),
  );
  const vesu = { ...nostra, protocol: "vesu-of-tomorrow", apy: 8 };
  const honest = await ada.predictions.what_if({
    ...question,
    protocols: [nostra, { ...zklend, status: "exploited" }, ekubo, vesu],
  });
  expect(honest.excluded).toEqual([{ protocol: "zklend", market_id: null, reason: "exploited" }]);
  expect(honest.warnings.filter((warning) => warning.includes("registry"))).toEqual([]);
  expect(honest.allocation).not.toHaveProperty("zklend");
});

it("takes any name for a protocol, also one that every object has", async () => {
  const ada = await api.signUp();
  const poor = { ...nostra, protocol: "constructor", apy: 0 };
  const { shares } = await ada.predictions.what_if({ ...question, protocols: [...question.protocols, poor] });
  expect(shares.find(({ protocol }) => protocol === "constructor")).toMatchObject({
    basis_points: 0,
    target_basis_points: 0,
    current_percent: 0,
  });
});

it("holds when moving does not pay, and tells what the best move would bring and cost", async () => {
  const ada = await api.signUp();
  const current_allocation = { ekubo: 49, nostra: 51 };
  const costs = { moving_cost_bp: 10 };
  const response = await ada.predictions.what_if({ ...question, current_allocation, costs });
  expect(response).toMatchObject({
    outcome: "hold",
    allocation: current_allocation,
    target_allocation: { ekubo: 50, nostra: 50 },
    turnover_percent: 1,
  });
  expect(response.cost_bp).toBe(0.1);
  expect(
    await ada.predictions.what_if({
      ...question,
      current_allocation,
      costs: { ...costs, rebalance_threshold: 1 },
    }),
  ).toMatchObject({
    outcome: "rebalance",
    costs: { moving_cost_bp: 10, holding_period_days: 30, rebalance_threshold: 1 },
  });
  const dear = await ada.predictions.what_if({
    ...question,
    current_allocation,
    costs: { moving_cost_bp: 1_000, rebalance_threshold: 1 },
  });
  expect(dear).toMatchObject({ outcome: "hold", expected_improvement: 0, turnover_percent: 0 });
});

it("gives a confidence once every active protocol has an interval", async () => {
  const ada = await api.signUp();
  const sure = question.protocols.map((each) => ({
    ...each,
    apy_interval: { lower: each.apy - 1, upper: each.apy + 1, level: 0.9 },
  }));
  const current_allocation = { ekubo: 20, nostra: 40, zklend: 40 };
  const { confidence } = await ada.predictions.what_if({ ...question, current_allocation, protocols: sure });
  expect(confidence).toBeGreaterThan(0.5);
  expect(confidence).toBeLessThan(1);
  const unsure = { ...question, current_allocation, protocols: [nostra, ...sure.slice(1)] };
  expect((await ada.predictions.what_if(unsure)).confidence).toBeNull();
});

it("takes tolerance and threshold from the preferences unless the question states them", async () => {
  const ada = await api.signUp();
  await ada.users.update_preferences({ risk_tolerance: "high", rebalance_threshold: 2.5 });
  const { risk_tolerance: _stated, ...unstated } = question;
  expect(await ada.predictions.what_if(unstated)).toMatchObject({
    risk_tolerance: "high",
    limits: { max_portfolio_risk: 80 },
    costs: { rebalance_threshold: 2.5 },
  });
});

it("leaves unallocated what no limit lets in, and says why", async () => {
  const ada = await api.signUp();
  const ask = (change: Partial<WhatIfInput>) => ada.predictions.what_if({ ...question, ...change });
  const safe = await ask({ limits: { max_portfolio_risk: 5 } });
  expect(safe.portfolio_risk_after).toBeLessThanOrEqual(5);
  expect(safe.allocation).toHaveProperty("unallocated");
  expect(safe.unallocated_reason).toContain("portfolio risk is at its limit (5)");
  const rest = safe.shares.find(({ protocol }) => protocol === "unallocated");
  expect(rest?.percent).toBe(safe.allocation.unallocated);
  const cents = safe.shares.reduce((sum, { amount }) => sum + Number(amount.replace(".", "")), 0);
  expect(cents).toBe(1_000_000);
  expect((await ask({ protocols: [nostra] })).allocation).toEqual({ nostra: 50, unallocated: 50 });
});

it("orders tolerances by risk", async () => {
  const ada = await api.signUp();
  const risks = [];
  for (const risk_tolerance of ["low", "medium", "high"] as const) {
    risks.push((await ada.predictions.what_if({ ...question, risk_tolerance })).portfolio_risk_after);
  }
  expect(risks).toEqual(risks.toSorted((left, right) => left - right));
});

it("counts dilution, exit and impermanent loss where it is told what they follow from", async () => {
  const ada = await api.signUp();
  const small = { ...nostra, symbol: "USDC", tvl_usd: 200_000 };
  const pool = { ...ekubo, symbol: "ETH-USDC", tvl_usd: 50_000_000 };
  const ask = (amount: string) =>
    ada.predictions.what_if({ ...question, protocols: [small, pool], assets: ["USDC", "ETH"], amount });
  const { shares, binding_limits, warnings } = await ask("100000");
  const [, lending] = shares;
  // A tenth of what can be taken out of it is a fifth of the portfolio.
  expect(lending).toMatchObject({ protocol: "nostra", percent: 20, amount: "20000.00" });
  expect(lending?.net_apy_at_amount).toBeLessThan(8.5);
  expect(binding_limits).toContainEqual(expect.objectContaining({ limit: "exit_liquidity" }));
  // 12.1 % of fees less 27.3 % of expected loss is less than nothing.
  expect(shares[0]).toMatchObject({ protocol: "ekubo", percent: 0 });
  expect(warnings).toEqual([]);
  const dollars = await ask("100");
  expect(dollars.shares.find(({ protocol }) => protocol === "nostra")?.percent).toBe(50);
});

it("takes several markets of a protocol, and holdings in each", async () => {
  const ada = await api.signUp();
  const usdc = { ...nostra, market_id: "nostra-usdc", symbol: "USDC", apy: 4 };
  const usdt = { ...nostra, market_id: "nostra-usdt", symbol: "USDT", apy: 9 };
  const protocols = [usdc, usdt];
  const current_markets = [{ market_id: "nostra-usdc", percent: 30 }];
  const response = await ada.predictions.what_if({ ...question, protocols, current_markets });
  expect(response.allocation).toEqual({ nostra: 50, unallocated: 50 });
  expect(
    response.shares.map(({ protocol, market_id, percent, current_percent }) => [
      protocol,
      market_id,
      percent,
      current_percent,
    ]),
  ).toEqual([
    ["nostra", "nostra-usdc", 0, 30],
    ["nostra", "nostra-usdt", 50, 0],
    ["unallocated", null, 50, 70],
  ]);
  expect(
    await errorOf(ada.predictions.what_if({ ...question, protocols, current_allocation: { nostra: 100 } })),
  ).toMatchObject({ code: "ALLOCATION_INVALID" });
  const unknown = [{ market_id: "nowhere", percent: 1 }];
  expect(
    await errorOf(ada.predictions.what_if({ ...question, protocols, current_markets: unknown })),
  ).toMatchObject({ code: "ALLOCATION_INVALID" });
});

it("lets what is held elsewhere leave, and says so", async () => {
  const ada = await api.signUp();
  const current_allocation = { nostra: 50, "somewhere-else": 50 };
  const response = await ada.predictions.what_if({ ...question, current_allocation });
  expect(response.outcome).toBe("rebalance");
  expect(response.allocation).not.toHaveProperty("somewhere-else");
  expect(response.excluded).toEqual([
    { protocol: "somewhere-else", market_id: null, reason: "not_a_candidate" },
  ]);
  expect(response.reason).toContain("somewhere-else is not among the permitted protocols");
});

it("refuses what it could not respond to truthfully, naming the field", async () => {
  const ada = await api.signUp();
  const pathOf = async (change: object) => {
    const error = await errorOf(ada.predictions.what_if({ ...question, ...change } as WhatIfInput));
    if (error?.code !== "VALIDATION_FAILED") throw new Error(`It refused with ${error?.code}.`);
    return (error.details as { issues: { path: string }[] }).issues.map(({ path }) => path);
  };
  const withMetrics = (change: object) => ({
    protocols: [{ ...nostra, metrics: { ...nostra.metrics, ...change } }],
  });
  expect(await pathOf({ protocols: [] })).toEqual(["protocols"]);
  expect(await pathOf({ protocols: [nostra, nostra] })).toEqual(["protocols"]);
  expect(await pathOf({ protocols: Array.from({ length: 51 }, () => nostra) })).toContain("protocols");
  expect(await pathOf(withMetrics({ utilization: 65 }))).toEqual(["protocols.0.metrics.utilization"]);
  expect(await pathOf(withMetrics({ liquidity_tier: 4 }))).toEqual(["protocols.0.metrics.liquidity_tier"]);
  expect(
    await pathOf({ protocols: [{ ...nostra, apy_interval: { lower: 9, upper: 10, level: 0.9 } }] }),
  ).toEqual(["protocols.0.apy_interval.lower"]);
  expect(await pathOf({ limits: { max_share: 0 } })).toEqual(["limits.max_share"]);
  expect(await pathOf({ limit: {} })).toEqual([""]);
  expect(
    await errorOf(ada.predictions.what_if({ ...question, current_allocation: { nostra: 99 } })),
  ).toMatchObject({ code: "ALLOCATION_INVALID" });
});

it("prices the risk of assets that are not held, where it is said what markets are of", async () => {
  const ada = await api.signUp();
  const usdc = { ...nostra, symbol: "USDC", apy: 4 };
  const ask = async (apy: number) => {
    const { shares, target_allocation } = await ada.predictions.what_if({
      protocols: [usdc, { ...zklend, symbol: "ETH", apy }],
      current_markets: [{ market_id: "nostra", percent: 100 }],
    });
    return [target_allocation, shares.map(({ price_risk }) => price_risk)];
  };
  // Half of the variance of 80 % a year.
  expect(await ask(30)).toEqual([{ nostra: 100 }, [0, 0]]);
  expect(await ask(60)).toEqual([{ nostra: 50, zklend: 50 }, [0, 32]]);
});
