import { describe, expect, test } from "vitest";
import { vectors } from "../test/vectors/read-vectors.ts";
import {
  feltAllocate2,
  feltAllocate3,
  feltRiskComponents,
  feltRiskScore,
  feltVerifyConstraints,
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

function shortNames(components: ReturnType<typeof feltRiskComponents>) {
  const { utilization, volatility, liquidity, audit, age, total } = components;
  return { util: utilization, vol: volatility, liq: liquidity, audit, age, total };
}
