import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { vectors } from "../test/vectors/read-vectors.ts";
import {
  type FeltRiskMetrics,
  type FeltRiskParams,
  feltAllocate2,
  feltAllocate3,
  feltRiskComponents,
  feltRiskScore,
  feltVerifyConstraints,
  fixedRiskParams,
} from "./risk-engine-felt.ts";

describe("every reference vector, also outside the domain", () => {
  test("the file holds 52 vectors of the contract", () => {
    const { risk_score, risk_score_params, allocation3, allocation2, verify_constraints } = vectors;
    const counts = [risk_score, risk_score_params, allocation3, allocation2, verify_constraints].map(
      (list) => list.length,
    );
    expect(counts).toEqual([27, 5, 8, 4, 8]);
  });

  test.each(vectors.risk_score)("risk score: $name", ({ input, expected, components }) => {
    expect(feltRiskScore(input)).toBe(expected);
    expect(shortNames(feltRiskComponents(input))).toEqual(components);
  });

  test.each(vectors.risk_score_params)(
    "risk score with set weights: $name",
    ({ input, params, expected, components }) => {
      const [utilization, volatility, liquidity, audit_score, age_days] = input;
      const metrics = { utilization, volatility, liquidity, audit_score, age_days };
      expect(feltRiskScore(metrics, params)).toBe(expected);
      expect(shortNames(feltRiskComponents(metrics, params))).toEqual(components);
    },
  );

  test.each(vectors.allocation3)("allocation of three: $name", ({ input, expected }) => {
    const [r1, r2, r3, a1, a2, a3] = input;
    expect(feltAllocate3([r1, r2, r3], [a1, a2, a3])).toEqual(expected);
  });

  test.each(vectors.allocation2)("allocation of two: $name", ({ input, expected }) => {
    const [r1, r2, a1, a2] = input;
    expect(feltAllocate2([r1, r2], [a1, a2])).toEqual(expected);
  });

  test.each(vectors.verify_constraints)("constraints: $name", ({ input, expected }) => {
    const shares = [input.nostra_pct, input.zklend_pct, input.ekubo_pct];
    expect(feltVerifyConstraints(shares, input)).toBe(expected);
  });
});

describe("set weights", () => {
  const weight = fc.bigInt({ min: 0n, max: 200n });
  // Zero often: it is where parameters are taken for unset.
  const firstWeight = fc.oneof(fc.constant(0n), weight);
  const params = fc.record({
    w_utilization: firstWeight,
    w_volatility: firstWeight,
    w_liquidity_0: weight,
    w_liquidity_1: weight,
    w_liquidity_2: weight,
    w_liquidity_3: weight,
    w_audit: weight,
    w_age: weight,
    age_cap_days: fc.bigInt({ min: 0n, max: 3_000n }),
    clamp_min: weight,
    clamp_max: weight,
  });
  const metrics = fc.record({
    utilization: fc.bigInt({ min: 0n, max: 10_000n }),
    volatility: fc.bigInt({ min: 0n, max: 10_000n }),
    liquidity: fc.bigInt({ min: 0n, max: 5n }),
    audit_score: fc.bigInt({ min: 0n, max: 100n }),
    age_days: fc.bigInt({ min: 0n, max: 4_000n }),
  });

  test("score as the formula of the contract does, in plain integers, for 10,000 of them", async () => {
    await fc.assert(
      fc.property(metrics, params, (input, given) => {
        expect(feltRiskScore(input, given)).toBe(BigInt(plainScore(input, given)));
      }),
      { numRuns: 10_000, seed: 220 },
    );
  });

  test("are taken for unset where the weights of utilization and volatility are zero, whatever the others are", () => {
    const worst = { utilization: 10_000n, volatility: 10_000n, liquidity: 3n, audit_score: 0n, age_days: 0n };
    const set = { ...fixedRiskParams, w_utilization: 0n, w_volatility: 0n, clamp_max: 50n };
    expect(feltRiskScore(worst, set)).toBe(95n);
    expect(feltRiskScore(worst, { ...set, w_volatility: 1n })).toBe(50n);
  });
});

/** In the domain nothing wraps around the prime, so that numbers do. */
function plainScore(metrics: FeltRiskMetrics, given: FeltRiskParams): number {
  const isSet = given.w_utilization + given.w_volatility > 0n;
  const weights = Object.fromEntries(
    Object.entries(isSet ? given : fixedRiskParams).map(([name, value]) => [name, Number(value)]),
  ) as Record<keyof FeltRiskParams, number>;
  const [age, cap, tier] = [Number(metrics.age_days), weights.age_cap_days, Number(metrics.liquidity)];
  const tiers = [weights.w_liquidity_0, weights.w_liquidity_1, weights.w_liquidity_2];
  const total =
    Math.floor((Number(metrics.utilization) * weights.w_utilization) / 10_000) +
    Math.floor((Number(metrics.volatility) * weights.w_volatility) / 10_000) +
    (tiers[tier] ?? weights.w_liquidity_3) +
    Math.floor(((100 - Number(metrics.audit_score)) * weights.w_audit) / 10) +
    (age >= cap ? 0 : Math.floor(((cap - age) * weights.w_age) / cap));
  if (total < weights.clamp_min) return weights.clamp_min;
  return Math.min(total, weights.clamp_max);
}

function shortNames(components: ReturnType<typeof feltRiskComponents>) {
  const { utilization, volatility, liquidity, audit, age, total } = components;
  return { util: utilization, vol: volatility, liq: liquidity, audit, age, total };
}
