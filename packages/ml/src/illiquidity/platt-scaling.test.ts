import { createRandom } from "@obsqra/forest";
import { describe, expect, it } from "vitest";
import { fitPlattScaling, identityScaling, scaleProbability } from "./platt-scaling.ts";

const logistic = (value: number) => 1 / (1 + Math.exp(-value));

/** Probabilities spread over (0, 1) whose outcomes follow intercept + slope · log odds. */
function sample(count: number, intercept: number, slope: number) {
  const random = createRandom(3);
  const stated = Array.from({ length: count }, () => logistic(6 * random.nextFloat() - 3));
  const outcomes = stated.map((probability) => {
    const odds = Math.log(probability / (1 - probability));
    return random.nextFloat() < logistic(intercept + slope * odds) ? 1 : 0;
  });
  return { stated, outcomes };
}

describe("Platt scaling", () => {
  it("finds how overconfident probabilities were", () => {
    const { stated, outcomes } = sample(20_000, -0.5, 0.6);
    const scaling = fitPlattScaling(stated, outcomes, 1);
    expect(scaling.intercept).toBeCloseTo(-0.5, 1);
    expect(scaling.slope).toBeCloseTo(0.6, 1);
  });

  it("leaves probabilities nearly alone when there is little to learn from, and quite without anything", () => {
    const { stated, outcomes } = sample(30, -0.5, 0.6);
    const scaling = fitPlattScaling(stated, outcomes, 1 / 14);
    expect(Math.abs(scaling.intercept)).toBeLessThan(0.1);
    expect(Math.abs(scaling.slope - 1)).toBeLessThan(0.1);
    expect(fitPlattScaling([], [], 1)).toEqual(identityScaling);
  });

  it("never turns the order round", () => {
    const { stated, outcomes } = sample(20_000, 0, -1);
    expect(fitPlattScaling(stated, outcomes, 1)).toEqual(identityScaling);
  });

  it("keeps certainty finite and within (0, 1)", () => {
    expect(scaleProbability({ intercept: 0, slope: 2 }, 0)).toBeGreaterThan(0);
    expect(scaleProbability({ intercept: 0, slope: 2 }, 1)).toBeLessThan(1);
    const scaling = fitPlattScaling([0, 1, 0, 1], [0, 1, 1, 0], 1);
    expect(Number.isFinite(scaling.intercept) && Number.isFinite(scaling.slope)).toBe(true);
  });
});
