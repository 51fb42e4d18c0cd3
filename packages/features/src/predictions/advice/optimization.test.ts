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

it("suggests shares of 10,000 basis points within the limits of each tolerance, and nothing for zkLend", async () => {
  const ada = await api.signUp();
  for (const risk_tolerance of ["low", "medium", "high"] as const) {
    const suggestion = await ada.predictions.run_optimization({ risk_tolerance });
    const limits = limitsForTolerance(risk_tolerance);
    expect(suggestion).toMatchObject({ outcome: "rebalance", risk_tolerance, expected_apy_before: null });
    const sharesBp = suggestion.shares.map(({ basis_points }) => basis_points);
    expect(sumOf(sharesBp)).toBe(10_000);
    expect(sumOf(Object.values(suggestion.allocation))).toBeCloseTo(100, 9);
    expect(Math.max(...sharesBp)).toBeLessThanOrEqual(limits.max_single_bp);
    expect(sharesBp.filter((share) => share >= 1_000).length).toBeGreaterThanOrEqual(
      limits.min_diversification,
    );
    expect(suggestion.portfolio_risk).toBeLessThanOrEqual(limits.max_portfolio_risk + 1e-6);
    expect(suggestion.portfolio_risk).toBeCloseTo(riskOf(suggestion), 8);
    expect(suggestion.allocation).not.toHaveProperty("zklend");
    expect(suggestion.excluded).toContainEqual({ protocol: "zklend", reason: "exploited" });
  }
});

it("says which markets, forecasts, models and data stand behind each share", async () => {
  const ada = await api.signUp();
  const suggestion = await ada.predictions.run_optimization();
  const risk = await ada.predictions.risk_forecast();
  const apy = await ada.predictions.yield_forecast();
  expect(suggestion.model_versions).toEqual({ risk: risk.model.version, yield: apy.model.version });
  expect(suggestion.data_source).toEqual(risk.data_source);
  for (const { protocol, percent, basis_points, markets, ...forecasts } of suggestion.shares) {
    expect(percent).toBe(basis_points / 100);
    expect(suggestion.allocation[protocol]).toBe(percent);
    expect(forecasts).toMatchObject({
      risk_score: risk.items.find((item) => item.protocol === protocol)?.risk_score,
      expected_apy: apy.items.find((item) => item.protocol === protocol)?.apy,
    });
    expect(markets.length).toBeGreaterThan(0);
  }
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
  expect(held.portfolio_risk).toBeCloseTo(riskOf(held), 8);
  expect(held.portfolio_risk).not.toBeCloseTo(moved.portfolio_risk, 2);
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

it("names the limits that conflict when the preferred protocols are too few", async () => {
  const ada = await api.signUp();
  const cases: [preferred: string[], conflict: string[]][] = [
    [["nostra"], ["max_single", "preferred_protocols"]],
    [
      ["nostra", "ekubo"],
      ["min_diversification", "preferred_protocols"],
    ],
    [["zklend"], ["preferred_protocols"]],
  ];
  for (const [preferred_protocols, conflicting_limits] of cases) {
    await ada.users.update_preferences({ preferred_protocols });
    expect(await errorOf(ada.predictions.run_optimization())).toMatchObject({
      code: "ALLOCATION_INFEASIBLE",
      details: { conflicting_limits, reason: expect.stringContaining("among the preferred ones") },
    });
  }
  expect((await ada.predictions.rebalance_suggestions()).items).toEqual([]);
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
});

it("prices the limits that hold the suggestion back", async () => {
  const ada = await api.signUp();
  const { binding_limits } = await ada.predictions.run_optimization();
  const prices = binding_limits.map(({ shadow_price }) => shadow_price ?? 0);
  expect(prices.length).toBeGreaterThan(0);
  expect(Math.min(...prices)).toBeGreaterThan(0);
  expect(prices).toEqual(prices.toSorted((left, right) => right - left));
});

it("still reads suggestions from before limits had prices, and sources said whether they are replayed", async () => {
  await using api = await createTestApi({ withForecasts: true });
  const ada = await api.signUp();
  const given = await ada.predictions.run_optimization();
  const unpriced = given.binding_limits.map(({ limit, protocol, sentence }) => ({
    limit,
    protocol,
    sentence,
  }));
  const { replay, ...data_source } = given.data_source;
  await api.deps.db
    .updateTable("rebalance_suggestions")
    .set({ answer: JSON.stringify({ ...given, binding_limits: unpriced, data_source }) })
    .execute();
  const { items } = await ada.predictions.rebalance_suggestions();
  expect(items[0]?.binding_limits).toEqual(
    unpriced.map((limit) => ({ ...limit, shadow_price: null, shadow_price_unit: null })),
  );
  expect(items[0]?.data_source).toEqual({ ...data_source, replay });
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
