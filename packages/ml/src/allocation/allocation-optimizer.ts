import type { Highs } from "highs";
import type { AdviceRequest, MarketAdvice } from "../advice/advice-types.ts";
import { advise } from "../advice/advise.ts";
import { AllocationError } from "./allocation-error.ts";
import type {
  AllocationAdvice,
  AllocationRequest,
  AllocationResult,
  InfeasibleAllocation,
} from "./allocation-types.ts";
import { bindingLimits } from "./binding-limits.ts";
import { conflictingLimits } from "./conflicting-limits.ts";
import { forcedMoves } from "./forced-moves.ts";
import type { Asset } from "./holdings.ts";
import { annualMoveCost, assetsOf, beatProbability, objectiveOf, turnoverOf, weighted } from "./holdings.ts";
import type { AllocationLimits } from "./limits.ts";
import { diversifyingShareBp, shareBpMin, wholeBp } from "./limits.ts";
import { adviceReason, infeasibleReason } from "./reasons.ts";
import { riskNoiseTolerance, roundShares } from "./rounding.ts";
import { loadSolver } from "./solver/highs-solver.ts";
import type { AllocationProblem } from "./solver/solve-allocation.ts";
import { solveAllocation } from "./solver/solve-allocation.ts";
import { validateRequest } from "./validate-request.ts";

/** Decides how to spread a portfolio over protocols, or markets. Create one per process and share it; it keeps no state. */
export interface AllocationOptimizer {
  /**
   * The best allocation under the limits, whether moving to it pays, and why. Synchronous and deterministic: equal
   * requests, in any order of candidates, get equal results.
   *
   * @throws AllocationError `invalid_request` for values outside their range, `solver_failure` for a bug.
   */
  optimize(request: AllocationRequest): AllocationResult;
  /** Advises a holder about markets, as `advise` describes; synchronous and deterministic, too. */
  advise(request: AdviceRequest): MarketAdvice;
}

/**
 * Loads the solver and returns the optimiser. The model: maximise robust expected yield (see `robustYield`) less
 * risk_aversion · risk less annualised moving costs, as a mixed-integer linear programme (see `solveAllocation`).
 *
 * The advice is to hold when `expected_improvement` ≤ 0 or the largest change of a share is below the threshold,
 * unless the present shares may not stay (see `forcedMoves`) or nothing is invested yet.
 *
 * @example
 * const optimizer = await createAllocationOptimizer();
 * const result = optimizer.optimize({
 *   candidates, current: null, limits: limitsForTolerance("medium"),
 *   costs: { cost_bp: 30, holding_period_days: 30 }, rebalance_threshold_bp: 500,
 * });
 */
export async function createAllocationOptimizer(): Promise<AllocationOptimizer> {
  const highs = await loadSolver();
  return {
    optimize: (request) => optimize(highs, request),
    advise: (request) => advise(highs, request),
  };
}

function optimize(highs: Highs, request: AllocationRequest): AllocationResult {
  validateRequest(request);
  const { narrowed, unpreferred } = splitByPreference(request);
  const assets = assetsOf(narrowed);
  const eligible = assets.filter(({ active }) => active);
  const problem = problemOf(eligible, request);
  const solution = solveAllocation(highs, problem);
  if (solution === undefined) {
    return infeasible(assets, request, conflictingLimits(problem, unpreferred));
  }

  const rounded = roundShares(
    solution.shares,
    eligible.map(({ risk }) => risk),
    request.limits.max_portfolio_risk,
  );
  const shareOf = new Map(eligible.map(({ protocol }, index) => [protocol, rounded[index] ?? 0]));
  const target = assets.map(({ protocol }) => shareOf.get(protocol) ?? 0);
  assertWithinLimits(assets, target, request.limits);
  const advice = {
    ...judge(assets, target, request),
    binding_limits: bindingLimits(highs, problem, solution),
    excluded: excludedOf(assets),
    optimality_gap: solution.gap,
  };
  return { ...advice, reason: adviceReason(advice, request) };
}

/** The request over the preferred candidates only, and the active ones that this keeps out. */
function splitByPreference(request: AllocationRequest) {
  const preferred = new Set(request.preferred);
  if (preferred.size === 0) return { narrowed: request, unpreferred: [] };
  const others = request.candidates.filter(({ protocol }) => !preferred.has(protocol));
  return {
    narrowed: {
      ...request,
      candidates: request.candidates.filter(({ protocol }) => preferred.has(protocol)),
    },
    unpreferred: assetsOf({ ...request, candidates: others, current: null }).filter(({ active }) => active),
  };
}

function problemOf(
  eligible: readonly Asset[],
  { limits, costs }: AllocationRequest,
): AllocationProblem & { readonly protocols: readonly string[] } {
  return {
    assets: eligible,
    protocols: eligible.map(({ protocol }) => protocol),
    moveCost: annualMoveCost(costs),
    maxSingleBp: limits.max_single_bp,
    minShareBp: shareBpMin,
    minDiversification: limits.min_diversification,
    maxRisk: limits.max_portfolio_risk,
  };
}

/** Compares the target with the present shares and decides between moving and holding. */
function judge(assets: readonly Asset[], target: readonly number[], request: AllocationRequest) {
  const moveCost = annualMoveCost(request.costs);
  const current = assets.map(({ currentBp }) => currentBp);
  const turnover = turnoverOf(assets, target);
  const annualCost = (moveCost * turnover) / wholeBp;
  const apyBefore = weighted(assets, current, ({ apy }) => apy);
  const apyAfter = weighted(assets, target, ({ apy }) => apy);
  const improvement = apyAfter - apyBefore - annualCost;
  const largestChange = Math.max(...target.map((held, index) => Math.abs(held - (current[index] ?? 0))));
  const forced = forcedMoves(assets, request);
  const pays = improvement > 0 && largestChange >= Math.max(1, request.rebalance_threshold_bp);
  const moves = pays || forced.length > 0 || request.current === null;
  return {
    outcome: moves ? "rebalance" : "hold",
    allocation_bp: sharesOf(assets, moves ? target : current),
    target_bp: sharesOf(assets, target),
    expected_apy_before: apyBefore,
    expected_apy_after: apyAfter,
    expected_improvement: improvement,
    risk_adjusted_improvement: objectiveOf(assets, target, moveCost) - objectiveOf(assets, current, 0),
    portfolio_risk_before: weighted(assets, current, ({ risk }) => risk),
    portfolio_risk_after: weighted(assets, target, ({ risk }) => risk),
    turnover_bp: turnover,
    cost_bp: (turnover * request.costs.cost_bp) / wholeBp,
    annual_cost: annualCost,
    largest_change_bp: largestChange,
    forced_moves: forced,
    confidence: beatProbability(assets, target, improvement),
  } satisfies Partial<AllocationAdvice>;
}

function infeasible(
  assets: readonly Asset[],
  { limits }: AllocationRequest,
  conflict: InfeasibleAllocation["conflicting_limits"],
): InfeasibleAllocation {
  const activeCount = assets.filter(({ active }) => active).length;
  const mustExit = assets
    .filter(({ active, currentBp }) => !active && currentBp > 0)
    .map(({ protocol }) => protocol);
  return {
    outcome: "infeasible",
    conflicting_limits: conflict,
    excluded: excludedOf(assets),
    reason: infeasibleReason(conflict, limits, { activeCount, mustExit }),
  };
}

/** The last line of defence: what leaves here satisfies the contract's `verify_constraints` and sums to the whole. */
function assertWithinLimits(
  assets: readonly Asset[],
  shares: readonly number[],
  limits: AllocationLimits,
): void {
  const sum = shares.reduce((total, held) => total + held, 0);
  const large = shares.filter((held) => held >= diversifyingShareBp).length;
  const risk = weighted(assets, shares, (asset) => asset.risk);
  const holds =
    sum === wholeBp &&
    shares.every((held) => held === 0 || (held >= shareBpMin && held <= limits.max_single_bp)) &&
    large >= limits.min_diversification &&
    risk <= limits.max_portfolio_risk + riskNoiseTolerance;
  if (!holds) throw new AllocationError("solver_failure", "The rounded allocation breaks its own limits.");
}

function sharesOf(assets: readonly Asset[], shares: readonly number[]): Record<string, number> {
  const entries = assets.map(({ protocol }, index) => [protocol, shares[index] ?? 0] as const);
  return Object.fromEntries(entries.filter(([, held]) => held > 0));
}

function excludedOf(assets: readonly Asset[]) {
  return assets.flatMap(({ protocol, exclusion }) =>
    exclusion === undefined ? [] : [{ protocol, reason: exclusion }],
  );
}
