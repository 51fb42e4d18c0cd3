import { describe, expect, it } from "vitest";
import { loadSolver } from "./highs-solver.ts";
import type { AllocationProblem } from "./solve-allocation.ts";
import { solveAllocation } from "./solve-allocation.ts";

const problem: AllocationProblem = {
  assets: [
    { reward: 7, risk: 30, currentBp: 0 },
    { reward: 5, risk: 35, currentBp: 0 },
    { reward: 9, risk: 48, currentBp: 0 },
  ],
  moveCost: 1,
  maxSingleBp: 6_000,
  minShareBp: 100,
  minDiversification: 2,
  maxRisk: 40,
};

describe("the solver", () => {
  it("gives back all memory of a solved programme", async () => {
    const highs = await loadSolver();
    for (let run = 0; run < 20; run += 1) solveAllocation(highs, problem);
    const before = highs.memoryBytes;
    for (let run = 0; run < 200; run += 1) solveAllocation(highs, problem);
    expect(highs.memoryBytes).toBe(before);
  });

  it("reaches the vertex where sum and risk limit meet, with the risk limit's price", async () => {
    const solution = solveAllocation(await loadSolver(), problem);
    // By hand: w₁ + w₃ = 10000 and 30·w₁ + 48·w₃ = 400000, so w₃ = 100000/18; price (9 − 7) / 18 per risk point.
    expect(solution?.shares[2]).toBeCloseTo(100_000 / 18, 6);
    expect(solution?.shares[1]).toBe(0);
    expect(solution?.riskPrice).toBeCloseTo(2 / 18, 9);
  });
});
