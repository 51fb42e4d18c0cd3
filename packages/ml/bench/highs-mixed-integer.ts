import type { AllocationRequest } from "../src/allocation/allocation-types.ts";
import { annualMoveCost, assetsOf, objectiveOf } from "../src/allocation/holdings.ts";
import { diversifyingShareBp, shareBpMin, wholeBp } from "../src/allocation/limits.ts";
import { type LinearProgram, loadSolver, modelData } from "../src/allocation/solver/highs-solver.ts";
import { shareProgram } from "../src/allocation/solver/share-program.ts";

/** The same question, put to HiGHS's own mixed-integer solver at once. */
export interface MixedIntegerPeer {
  /** The best objective, percentage points of risk-adjusted APY net of costs; undefined when there is none. */
  solve(request: AllocationRequest): number | undefined;
  /** What whole shares in basis points reach in the same terms. */
  reach(request: AllocationRequest, targetBp: Readonly<Record<string, number>>): number;
  /** What rounding to whole basis points can cost at most. */
  roundingLoss(request: AllocationRequest): number;
}

/** Loads the solver. The model is that of `solveAllocation`, with a binary per protocol and yes or no. */
export async function createMixedIntegerPeer(): Promise<MixedIntegerPeer> {
  const highs = await loadSolver();
  const { continuous, integer } = highs.constants.variableType;
  return {
    solve: (request) => {
      const { program, wholeFrom } = mixedIntegerProgram(request);
      const integrality = program.columns.map((_, column) => (column < wholeFrom ? continuous : integer));
      return highs.withModel({ ...modelData(highs, program), integrality }, (model) => {
        model.options.set({ output_flag: false, random_seed: 0, mip_rel_gap: 1e-9, mip_abs_gap: 1e-5 });
        model.run();
        const isOptimal = model.getModelStatus() === highs.constants.modelStatus.optimal;
        return isOptimal ? -model.getObjectiveValue() / wholeBp : undefined;
      });
    },
    reach: (request, targetBp) => {
      const assets = assetsOf(request);
      const shares = assets.map(({ protocol }) => targetBp[protocol] ?? 0);
      return objectiveOf(assets, shares, annualMoveCost(request.costs));
    },
    roundingLoss: (request) => {
      const rewards = assetsOf(request).map(({ reward }) => reward);
      // A point each of a few fractional shares moves across the widest difference in reward.
      const widest = Math.max(...rewards) - Math.min(...rewards) + annualMoveCost(request.costs);
      return (3 * widest) / wholeBp;
    },
  };
}

function mixedIntegerProgram(request: AllocationRequest): { program: LinearProgram; wholeFrom: number } {
  const { limits, costs } = request;
  const assets = assetsOf(request).filter(({ active }) => active);
  const problem = {
    assets,
    moveCost: annualMoveCost(costs),
    maxSingleBp: limits.max_single_bp,
    minShareBp: shareBpMin,
    minDiversification: limits.min_diversification,
    maxRisk: limits.max_portfolio_risk,
  };
  const bounds = { lower: assets.map(() => 0), upper: assets.map(() => limits.max_single_bp) };
  const program = shareProgram(problem, bounds);
  const wholeFrom = program.columns.length;
  const binary = () => program.columns.push({ cost: 0, lower: 0, upper: 1 }) - 1;
  const atLeast = (lower: number, ...entries: [number, number][]) =>
    program.rows.push({ lower, upper: Number.POSITIVE_INFINITY, entries });
  const large: [number, number][] = [];
  for (const w of assets.keys()) {
    const held = binary();
    atLeast(0, [w, 1], [held, -shareBpMin]);
    atLeast(0, [w, -1], [held, limits.max_single_bp]);
    const counts = binary();
    atLeast(0, [w, 1], [counts, -diversifyingShareBp]);
    large.push([counts, 1]);
  }
  atLeast(limits.min_diversification, ...large);
  return { program, wholeFrom };
}
