import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { vectors } from "../test/vectors/read-vectors.ts";
import {
  allocate2,
  allocate3,
  apyBpMax,
  constraintViolations,
  riskComponents,
  riskScore,
  verifyConstraints,
} from "./risk-engine.ts";
import {
  feltAllocate2,
  feltAllocate3,
  feltRiskComponents,
  feltRiskScore,
  feltVerifyConstraints,
} from "./risk-engine-felt.ts";

const outOfDomain = expect.objectContaining({ code: "OUT_OF_DOMAIN" });

describe("reference vectors in the domain", () => {
  const inDomain = vectors.risk_score.filter((vector) => vector.in_domain);

  test("are all there", () => {
    expect(inDomain).toHaveLength(19);
  });

  test.each(inDomain)("risk score: $name", ({ input, expected, components }) => {
    const metrics = toMetrics(input);
    expect(riskScore(metrics)).toBe(Number(expected));
    const { utilization, volatility, liquidity, audit, age, total } = riskComponents(metrics);
    expect({ util: utilization, vol: volatility, liq: liquidity, audit, age, total }).toEqual(
      Object.fromEntries(Object.entries(components).map(([key, value]) => [key, Number(value)])),
    );
  });

  test.each(vectors.risk_score.filter((vector) => !vector.in_domain))("refuses: $name", ({ input }) => {
    expect(() => riskScore(toMetrics(input))).toThrow(outOfDomain);
  });

  test.each(vectors.allocation3)("allocation of three: $name", ({ input, expected }) => {
    const [r1, r2, r3, a1, a2, a3] = input.map(Number);
    const allocate = () => allocate3([candidate(r1, a1), candidate(r2, a2), candidate(r3, a3)]);
    if (input.slice(0, 3).some((risk) => risk > 100n)) expect(allocate).toThrow(outOfDomain);
    else expect(allocate()).toEqual(expected.map(Number));
  });

  test.each(vectors.allocation2)("allocation of two: $name", ({ input, expected }) => {
    const [r1, r2, a1, a2] = input.map(Number);
    expect(allocate2([candidate(r1, a1), candidate(r2, a2)])).toEqual(expected.map(Number));
  });

  test.each(vectors.verify_constraints)("constraints: $name", ({ name, input, expected }) => {
    const shares = [input.nostra_pct, input.zklend_pct, input.ekubo_pct].map(Number);
    const limits = {
      max_single_bp: Number(input.max_single),
      min_diversification: Number(input.min_diversification),
    };
    if (name === "felt-minus1-pct")
      return expect(() => verifyConstraints(shares, limits)).toThrow(outOfDomain);
    const sumsUp = shares.reduce((sum, share) => sum + share, 0) === 10_000;
    expect(verifyConstraints(shares, limits)).toBe(expected && sumsUp);
  });
});

describe("the domain", () => {
  const good = { utilization_bp: 0, volatility_bp: 0, liquidity_tier: 0, audit_score: 100, age_days: 730 };

  test.each([
    { utilization_bp: -1 },
    { utilization_bp: 10_001 },
    { utilization_bp: 0.5 },
    { volatility_bp: Number.NaN },
    { volatility_bp: 10_001 },
    { liquidity_tier: 4 },
    { audit_score: 101 },
    { age_days: -1 },
    { age_days: 2 ** 53 },
    { age_days: Number.POSITIVE_INFINITY },
  ])("excludes %o, naming the metric", (part) => {
    expect(() => riskScore({ ...good, ...part })).toThrow(outOfDomain);
    expect(() => riskScore({ ...good, ...part })).toThrow(Object.keys(part)[0]);
  });

  test("excludes negative APYs, fractional risks and shares above the whole", () => {
    expect(() => allocate2([candidate(5, -1), candidate(5, 1)])).toThrow(outOfDomain);
    expect(() => allocate2([candidate(5.5, 1), candidate(5, 1)])).toThrow(outOfDomain);
    expect(() => verifyConstraints([10_001, -1], { max_single_bp: 10_000, min_diversification: 0 })).toThrow(
      outOfDomain,
    );
  });
});

describe("constraints", () => {
  test("name every broken rule", () => {
    const limits = { max_single_bp: 4_000, min_diversification: 3 };
    expect(constraintViolations([5_000, 4_000, 999], limits)).toEqual([
      "sum",
      "max_single",
      "min_diversification",
    ]);
    expect(constraintViolations([4_000, 3_000, 3_000], limits)).toEqual([]);
    expect(verifyConstraints([], { max_single_bp: 0, min_diversification: 0 })).toBe(false);
  });
});

describe("the fast path equals felt252 arithmetic", () => {
  test("for every value of every risk term", () => {
    const base = { utilization_bp: 0, volatility_bp: 0, liquidity_tier: 0, audit_score: 100, age_days: 730 };
    const axes = [
      ["utilization_bp", 10_000],
      ["volatility_bp", 10_000],
      ["liquidity_tier", 3],
      ["audit_score", 100],
      ["age_days", 1_500],
    ] as const;
    const mismatches: string[] = [];
    for (const [axis, max] of axes) {
      for (let value = 0; value <= max; value++) {
        const metrics = { ...base, [axis]: value };
        const exact = toNumbers(feltRiskComponents(toFelts(metrics)));
        if (JSON.stringify(riskComponents(metrics)) !== JSON.stringify(exact))
          mismatches.push(`${axis} ${value}`);
      }
    }
    expect(mismatches).toEqual([]);
  });

  test("for random metrics of the whole domain", async () => {
    const metricsArbitrary = fc.record({
      utilization_bp: fc.integer({ min: 0, max: 10_000 }),
      volatility_bp: fc.integer({ min: 0, max: 10_000 }),
      liquidity_tier: fc.integer({ min: 0, max: 3 }),
      audit_score: fc.integer({ min: 0, max: 100 }),
      age_days: fc.oneof(fc.integer({ min: 0, max: 1_000 }), fc.maxSafeNat()),
    });
    await fc.assert(
      fc.property(metricsArbitrary, (metrics) => {
        expect(riskScore(metrics)).toBe(Number(feltRiskScore(toFelts(metrics))));
        expect(riskComponents(metrics)).toEqual(toNumbers(feltRiskComponents(toFelts(metrics))));
      }),
      { numRuns: 5_000 },
    );
  });

  test("for random allocations, which always sum to 10,000", async () => {
    const one = fc.record({
      risk_score: fc.integer({ min: 0, max: 100 }),
      apy_bp: fc.oneof(fc.integer({ min: 0, max: 3_000 }), fc.integer({ min: 0, max: apyBpMax })),
    });
    await fc.assert(
      fc.property(one, one, one, (a, b, c) => {
        const three = allocate3([a, b, c]);
        const risks = [a, b, c].map((item) => BigInt(item.risk_score)) as [bigint, bigint, bigint];
        const apys = [a, b, c].map((item) => BigInt(item.apy_bp)) as [bigint, bigint, bigint];
        expect(three.map(BigInt)).toEqual(feltAllocate3(risks, apys));
        expect(three[0] + three[1] + three[2]).toBe(10_000);
        const two = allocate2([a, b]);
        expect(two.map(BigInt)).toEqual(feltAllocate2([risks[0], risks[1]], [apys[0], apys[1]]));
        const limits = { max_single_bp: 6_000, min_diversification: 2 };
        expect(verifyConstraints(three, limits)).toBe(
          feltVerifyConstraints(three.map(BigInt), { max_single: 6_000n, min_diversification: 2n }),
        );
      }),
      { numRuns: 5_000 },
    );
  });
});

function candidate(risk = Number.NaN, apy = Number.NaN) {
  return { risk_score: risk, apy_bp: apy };
}

type FeltInput = Parameters<typeof feltRiskScore>[0];

function toMetrics(input: FeltInput) {
  return {
    utilization_bp: Number(input.utilization),
    volatility_bp: Number(input.volatility),
    liquidity_tier: Number(input.liquidity),
    audit_score: Number(input.audit_score),
    age_days: Number(input.age_days),
  };
}

function toFelts(metrics: Parameters<typeof riskScore>[0]): FeltInput {
  return {
    utilization: BigInt(metrics.utilization_bp),
    volatility: BigInt(metrics.volatility_bp),
    liquidity: BigInt(metrics.liquidity_tier),
    audit_score: BigInt(metrics.audit_score),
    age_days: BigInt(metrics.age_days),
  };
}

function toNumbers(components: ReturnType<typeof feltRiskComponents>) {
  return Object.fromEntries(Object.entries(components).map(([key, value]) => [key, Number(value)]));
}
