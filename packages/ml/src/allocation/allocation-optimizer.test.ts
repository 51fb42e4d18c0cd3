import { beforeAll, describe, expect, it } from "vitest";
import { candidate, workedExample } from "../test-support/allocation-fixtures.ts";
import { AllocationError } from "./allocation-error.ts";
import type { AllocationOptimizer } from "./allocation-optimizer.ts";
import { createAllocationOptimizer } from "./allocation-optimizer.ts";
import type { AllocationAdvice, AllocationRequest, InfeasibleAllocation } from "./allocation-types.ts";
import { limitsForTolerance } from "./limits.ts";

let optimizer: AllocationOptimizer;

beforeAll(async () => {
  optimizer = await createAllocationOptimizer();
});

function advise(request: AllocationRequest): AllocationAdvice {
  const result = optimizer.optimize(request);
  if (result.outcome === "infeasible") throw new Error(result.reason);
  return result;
}

function refuse(request: AllocationRequest): InfeasibleAllocation {
  const result = optimizer.optimize(request);
  if (result.outcome !== "infeasible") throw new Error("A feasible allocation was found.");
  return result;
}

const afterTheExploit: AllocationRequest = {
  ...workedExample,
  candidates: [
    candidate("nostra", 8.5, 30),
    // No forecast exists for a protocol that is gone.
    candidate("zklend", 0, 0, {
      status: "exploited",
      expected_apy: null,
      expected_apy_lower: null,
      expected_apy_upper: null,
      risk_score: null,
    }),
    candidate("ekubo", 12.1, 48),
    candidate("vesu", 7.9, 28),
  ],
  current: { nostra: 4520, zklend: 3280, ekubo: 2200 },
};

describe("the worked example", () => {
  it("spreads medium tolerance over all three, the best yield for its risk first", () => {
    const advice = advise(workedExample);
    expect(advice.outcome).toBe("rebalance");
    expect(advice.allocation_bp).toEqual({ ekubo: 5000, nostra: 4000, zklend: 1000 });
    expect(advice.expected_apy_after).toBeCloseTo(10.17, 10);
    expect(advice.portfolio_risk_after).toBeCloseTo(39.5, 10);
  });

  it("names what holds it back, with a price", () => {
    const { binding_limits } = advise(workedExample);
    expect(binding_limits.map(({ limit, protocol }) => [limit, protocol])).toEqual([
      ["min_diversification", undefined],
      ["max_single", "ekubo"],
    ]);
    expect(binding_limits[1]?.sentence).toMatch(/^ekubo is at the largest share allowed \(50\.0 %\)/);
  });

  it("counts entering from cash as moving everything once", () => {
    const advice = advise(workedExample);
    expect([advice.turnover_bp, advice.cost_bp]).toEqual([10_000, 30]);
    expect(advice.annual_cost).toBeCloseTo((0.3 * 365) / 30, 10);
    expect(advice.expected_improvement).toBeCloseTo(10.17 - 3.65, 10);
  });

  it("enters even at a cost that does not pay, and says so", () => {
    const advice = advise({ ...workedExample, costs: { cost_bp: 200, holding_period_days: 30 } });
    expect(advice.outcome).toBe("rebalance");
    expect(advice.reason).toContain("entering is not expected to pay");
  });
});

describe("a protocol that is not active", () => {
  it("gets nothing, and its money leaves even when nothing else would move", () => {
    const advice = advise({ ...afterTheExploit, rebalance_threshold_bp: 10_000 });
    expect(advice.outcome).toBe("rebalance");
    expect(advice.allocation_bp).not.toHaveProperty("zklend");
    expect(advice.excluded).toEqual([{ protocol: "zklend", reason: "exploited" }]);
    expect(advice.forced_moves).toMatchObject([{ cause: "exit", protocol: "zklend" }]);
    expect(advice.reason).toMatch(
      /^zklend is exploited, so its 32\.8 % must leave whether or not moving pays\./,
    );
  });

  it("counts as yielding nothing where it is held", () => {
    expect(advise(afterTheExploit).expected_apy_before).toBeCloseTo(0.452 * 8.5 + 0.22 * 12.1, 10);
  });

  it("is treated alike when it is held but not among the candidates", () => {
    const advice = advise({ ...workedExample, current: { nostra: 5000, elsewhere: 5000 } });
    expect(advice.excluded).toEqual([{ protocol: "elsewhere", reason: "not_a_candidate" }]);
    expect(advice.forced_moves).toMatchObject([{ cause: "exit", protocol: "elsewhere" }]);
  });
});

describe("holding", () => {
  it("is the advice when the present mix is the best once costs are counted", () => {
    const current = { ekubo: 4800, nostra: 4200, zklend: 1000 };
    const advice = advise({ ...workedExample, current, costs: { cost_bp: 50, holding_period_days: 30 } });
    expect(advice).toMatchObject({
      outcome: "hold",
      allocation_bp: current,
      target_bp: current,
      turnover_bp: 0,
    });
    expect(advice.confidence).toBe(0);
  });

  it("is the advice when the best mix costs more yield than it earns, however much risk it saves", () => {
    const request: AllocationRequest = {
      ...workedExample,
      candidates: [candidate("bold", 9, 60), candidate("calm", 8.5, 20), candidate("mild", 8, 25)],
      limits: { ...limitsForTolerance("medium"), min_diversification: 2 },
      costs: { cost_bp: 1, holding_period_days: 365 },
      current: { bold: 5000, calm: 5000 },
    };
    const advice = advise(request);
    expect(advice.outcome).toBe("hold");
    expect(advice.allocation_bp).toEqual(request.current);
    expect(advice.target_bp).toEqual({ calm: 5000, mild: 5000 });
    expect(advice.expected_improvement).toBeLessThan(0);
    expect(advice.risk_adjusted_improvement).toBeGreaterThan(0);
    expect(advice.reason).toContain("portfolio risk goes from 40.0 to 22.5");
  });

  it("is the advice when no share changes by the threshold, though the best mix would pay", () => {
    const current = { nostra: 4000, zklend: 1500, ekubo: 4500 };
    const advice = advise({ ...workedExample, current, rebalance_threshold_bp: 501 });
    expect(advice).toMatchObject({ outcome: "hold", allocation_bp: current, largest_change_bp: 500 });
    expect(advice.target_bp).toEqual({ ekubo: 5000, nostra: 4000, zklend: 1000 });
    expect(advise({ ...workedExample, current, rebalance_threshold_bp: 500 }).outcome).toBe("rebalance");
  });

  it.each([
    ["max_single", { ekubo: 5100, nostra: 3900, zklend: 1000 }],
    ["min_diversification", { ekubo: 5000, nostra: 4500, zklend: 500 }],
  ])("is not an option while the present mix breaks %s", (cause, current) => {
    const advice = advise({ ...workedExample, current, rebalance_threshold_bp: 10_000 });
    expect(advice.outcome).toBe("rebalance");
    expect(advice.forced_moves).toMatchObject([{ cause }]);
  });

  it("is not an option once the risk limit has fallen below the present risk", () => {
    const current = { ekubo: 4000, nostra: 4000, zklend: 2000 };
    const limits = { ...limitsForTolerance("low"), max_portfolio_risk: 37 };
    const advice = advise({ ...workedExample, current, limits });
    expect(advice.outcome).toBe("rebalance");
    expect(advice.forced_moves).toMatchObject([{ cause: "max_portfolio_risk" }]);
    expect(advice.portfolio_risk_after).toBeLessThanOrEqual(37);
  });
});

describe("confidence", () => {
  it("is Φ(improvement / deviation of the moved shares' errors)", () => {
    // 5 % from zklend to ekubo: gain 0.05·4.9 − 0.05·3.65 = 0.0625; σ = 2 / 1.644854 each, so the deviation is
    // 0.05·√2·1.215914 = 0.0859781 and Φ(0.726929) = 0.766365 (CPython statistics.NormalDist).
    const advice = advise({ ...workedExample, current: { nostra: 4000, zklend: 1500, ekubo: 4500 } });
    expect(advice.expected_improvement).toBeCloseTo(0.0625, 10);
    expect(advice.confidence).toBeCloseTo(0.766365, 5);
    expect(advice.reason).toContain("an estimated 77 % chance");
  });
});

describe("wild forecasts", () => {
  it("do not draw money when nothing supports them", () => {
    const wild = candidate("moon", 900, 48, { expected_apy_lower: 0, expected_apy_upper: 1800 });
    for (const tolerance of ["low", "medium", "high"] as const) {
      const limits = { ...limitsForTolerance(tolerance), max_portfolio_risk: 75 };
      const advice = advise({
        ...workedExample,
        candidates: [...workedExample.candidates, wild],
        limits,
      });
      expect(advice.allocation_bp).not.toHaveProperty("moon");
    }
  });
});

describe("shadow prices", () => {
  it("predict what loosening the risk limit by a little brings", () => {
    const at = (risk: number) =>
      advise({ ...workedExample, limits: { ...limitsForTolerance("high"), max_portfolio_risk: risk } });
    const tight = at(40);
    const price = tight.binding_limits.find(({ limit }) => limit === "max_portfolio_risk")?.shadow_price ?? 0;
    expect(price).toBeGreaterThan(0);
    const gained = at(41).risk_adjusted_improvement - tight.risk_adjusted_improvement;
    expect(gained).toBeCloseTo(price, 3);
  });

  it("give the exact gain of asking for one share fewer", () => {
    const at = (min_diversification: number) =>
      advise({ ...workedExample, limits: { ...limitsForTolerance("medium"), min_diversification } });
    const price = at(3).binding_limits[0]?.shadow_price ?? 0;
    expect(at(2).risk_adjusted_improvement - at(3).risk_adjusted_improvement).toBeCloseTo(price, 9);
  });
});

describe("limits that cannot hold together", () => {
  it("are the cap and the number of active protocols, when one protocol is left", () => {
    const result = refuse({ ...afterTheExploit, candidates: afterTheExploit.candidates.slice(0, 2) });
    expect(result.conflicting_limits).toEqual(["active_candidates", "max_single"]);
    expect(result.reason).toContain("Money in ekubo, zklend must leave all the same.");
  });

  it("are the count and the number of active protocols, when two are left", () => {
    const result = refuse({ ...workedExample, candidates: workedExample.candidates.slice(0, 2) });
    expect(result.conflicting_limits).toEqual(["active_candidates", "min_diversification"]);
  });

  it("are the preference and the count, when enough others are active", () => {
    const preferred = ["nostra", "ekubo", "of-another-name"];
    const result = refuse({ ...workedExample, preferred });
    expect(result.conflicting_limits).toEqual(["min_diversification", "preferred_protocols"]);
    expect(result.reason).toContain("2 active protocols among the preferred ones");
    const limits = { ...limitsForTolerance("medium"), min_diversification: 2 };
    expect(Object.keys(advise({ ...workedExample, preferred, limits }).target_bp)).toEqual([
      "ekubo",
      "nostra",
    ]);
  });

  it("are the candidates alone, when there are none", () => {
    expect(refuse({ ...workedExample, candidates: [] }).conflicting_limits).toEqual(["active_candidates"]);
  });

  it("are the risk limit and the candidates, when all are too risky", () => {
    const limits = { ...limitsForTolerance("medium"), max_portfolio_risk: 29 };
    const result = refuse({ ...workedExample, limits });
    expect(result.conflicting_limits).toEqual(["active_candidates", "max_portfolio_risk"]);
  });

  it("are the cap and the count, when the cap is below 10 %, whatever the candidates", () => {
    const limits = { ...limitsForTolerance("medium"), max_single_bp: 900 };
    const candidates = Array.from({ length: 20 }, (_, index) => candidate(`p${index}`, 8, 30));
    const result = refuse({ ...workedExample, candidates, limits });
    expect(result.conflicting_limits).toEqual(["max_single", "min_diversification"]);
  });
});

describe("a request that cannot be solved", () => {
  const [nostra, ...others] = workedExample.candidates as [(typeof workedExample.candidates)[number]];
  it.each([
    ["candidates[0].expected_apy", { candidates: [{ ...nostra, expected_apy: Number.NaN }, ...others] }],
    ["candidates[0].expected_apy", { candidates: [{ ...nostra, expected_apy: null }, ...others] }],
    ["candidates[0].expected_apy_upper", { candidates: [{ ...nostra, expected_apy_upper: 8 }, ...others] }],
    ["candidates[0].expected_apy_lower", { candidates: [{ ...nostra, expected_apy_lower: -Infinity }] }],
    ["candidates[0].risk_score", { candidates: [{ ...nostra, risk_score: 101 }] }],
    ["candidates[0].interval_level", { candidates: [{ ...nostra, interval_level: 1 }] }],
    ["candidates[0].status", { candidates: [{ ...nostra, status: "gone" as "paused" }] }],
    ["candidates[1].protocol", { candidates: [nostra, nostra] }],
    ["candidates", { candidates: Array.from({ length: 501 }, (_, index) => candidate(`p${index}`, 1, 1)) }],
    ["current", { current: { nostra: 9_999 } }],
    ["current.nostra", { current: { nostra: 10_000.5 } }],
    ["costs.holding_period_days", { costs: { cost_bp: 1, holding_period_days: 0 } }],
    ["limits.max_single_bp", { limits: { ...limitsForTolerance("low"), max_single_bp: 0 } }],
    ["rebalance_threshold_bp", { rebalance_threshold_bp: -1 }],
  ])("names %s", (field, change) => {
    const act = () => optimizer.optimize({ ...workedExample, ...change });
    expect(act).toThrow(AllocationError);
    expect(act).toThrow(expect.objectContaining({ code: "invalid_request", field }));
  });

  it("does not trip over protocols named like object members", () => {
    const candidates = ["__proto__", "constructor", "toString"].map((name) => candidate(name, 8, 30));
    const advice = advise({ ...workedExample, candidates });
    expect(Object.keys(advice.allocation_bp).toSorted()).toEqual(["__proto__", "constructor", "toString"]);
  });
});
