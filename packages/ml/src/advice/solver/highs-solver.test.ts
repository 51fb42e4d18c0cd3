import { describe, expect, it } from "vitest";
import { type LinearProgram, loadSolver, solve } from "./highs-solver.ts";

/** Three assets that earn 7, 5 and 9 at risks of 30, 35 and 48, of a whole whose risk may be 40. */
const program: LinearProgram = {
  columns: [7, 5, 9].map((reward) => ({ cost: -reward, lower: 0, upper: 6_000 })),
  rows: [
    { lower: 10_000, upper: 10_000, entries: [0, 1, 2].map((column) => [column, 1] as const) },
    { lower: 0, upper: 400_000, entries: [30, 35, 48].map((risk, column) => [column, risk] as const) },
  ],
};

describe("the solver", () => {
  it("gives back all memory of a solved programme", async () => {
    const highs = await loadSolver();
    for (let run = 0; run < 20; run += 1) solve(highs, program);
    const before = highs.memoryBytes;
    for (let run = 0; run < 200; run += 1) solve(highs, program);
    expect(highs.memoryBytes).toBe(before);
  });

  it("reaches the vertex where sum and risk limit meet, with the risk limit's price", async () => {
    const solution = solve(await loadSolver(), program);
    // By hand: w₁ + w₃ = 10000 and 30·w₁ + 48·w₃ = 400000, so w₃ = 100000/18; price (9 − 7) / 18 per risk point.
    expect(solution?.values[2]).toBeCloseTo(100_000 / 18, 6);
    expect(solution?.values[1]).toBe(0);
    expect(solution?.rowDuals[1]).toBeCloseTo(-2 / 18, 9);
  });
});
