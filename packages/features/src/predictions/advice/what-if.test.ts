import { type WhatIfInput, whatIfExample, whatIfInput } from "@obsqra/contract";
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
    allocation: { ekubo: 50, nostra: 40, zklend: 10 },
    target_allocation: { ekubo: 50, nostra: 40, zklend: 10 },
    risk_tolerance: "medium",
    limits: { max_share: 50, min_diversification: 3, max_portfolio_risk: 60 },
    expected_apy_before: null,
    confidence: null,
    optimality_gap: 0,
  });
  expect(response.shares.reduce((sum, { basis_points }) => sum + basis_points, 0)).toBe(10_000);
  expect(response.expected_apy_after).toBeCloseTo(0.4 * 8.5 + 0.1 * 7.2 + 0.5 * 12.1, 10);
  // Everything enters once: 10 basis points of the portfolio, over 30 days.
  expect(response.cost_bp).toBe(10);
  expect(response.expected_improvement).toBeCloseTo(response.expected_apy_after - (0.1 * 365) / 30, 10);
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
  expect(portfolio_risk_after).toBeCloseTo(weighted, 10);
});

it("prices the limits that bind, each in its unit", async () => {
  const ada = await api.signUp();
  const { binding_limits } = await ada.predictions.what_if(question);
  expect(
    binding_limits.map(({ limit, protocol, shadow_price_unit }) => [limit, protocol, shadow_price_unit]),
  ).toEqual([
    ["min_diversification", null, "share_of_10_percent"],
    ["max_single", "ekubo", "percentage_point_of_share"],
  ]);
  const [fewer, cap] = binding_limits;
  const gainOf = async (limits: WhatIfInput["limits"]) => {
    const objective = async (input: WhatIfInput) => {
      const { shares } = await ada.predictions.what_if(input);
      return shares.reduce(
        (sum, { percent, apy, risk_score }) =>
          sum + (percent / 100) * ((apy ?? 0) - 0.05 * (risk_score ?? 0)),
        0,
      );
    };
    return (await objective({ ...question, limits })) - (await objective(question));
  };
  expect(fewer?.shadow_price).toBeCloseTo(await gainOf({ min_diversification: 2 }), 9);
  expect(cap?.shadow_price).toBeCloseTo(await gainOf({ max_share: 51 }), 9);
});

it("says of a protocol that the registry has as exploited that real suggestions never use it", async () => {
  const ada = await api.signUp();
  expect((await ada.predictions.what_if(question)).warnings).toEqual([
    expect.stringMatching(/^zklend is exploited in the registry.*run_optimization never gives it money\.$/),
  ]);
  const vesu = { ...nostra, protocol: "vesu-of-tomorrow", apy: 8 };
  const honest = await ada.predictions.what_if({
    ...question,
    protocols: [nostra, { ...zklend, status: "exploited" }, ekubo, vesu],
  });
  expect(honest).toMatchObject({ warnings: [], excluded: [{ protocol: "zklend", reason: "exploited" }] });
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
  const current_allocation = { ekubo: 49, nostra: 41, zklend: 10 };
  const response = await ada.predictions.what_if({ ...question, current_allocation });
  expect(response).toMatchObject({
    outcome: "hold",
    allocation: current_allocation,
    target_allocation: { ekubo: 50, nostra: 40, zklend: 10 },
    turnover_percent: 1,
    cost_bp: 0.1,
  });
  const costs = { rebalance_threshold: 1 };
  expect(await ada.predictions.what_if({ ...question, current_allocation, costs })).toMatchObject({
    outcome: "rebalance",
    costs: { moving_cost_bp: 10, holding_period_days: 30, rebalance_threshold: 1 },
  });
  const dear = await ada.predictions.what_if({
    ...question,
    current_allocation,
    costs: { ...costs, moving_cost_bp: 1_000 },
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
    limits: { max_share: 70 },
    costs: { rebalance_threshold: 2.5 },
  });
});

it("names the smallest set of limits that cannot hold together", async () => {
  const ada = await api.signUp();
  const ask = (change: Partial<WhatIfInput>) => errorOf(ada.predictions.what_if({ ...question, ...change }));
  expect(await ask({ limits: { max_portfolio_risk: 5 } })).toMatchObject({
    code: "ALLOCATION_INFEASIBLE",
    details: { conflicting_limits: ["active_candidates", "max_portfolio_risk"] },
  });
  expect(await ask({ protocols: [nostra, ekubo] })).toMatchObject({
    code: "ALLOCATION_INFEASIBLE",
    details: { conflicting_limits: ["active_candidates", "min_diversification"] },
  });
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
