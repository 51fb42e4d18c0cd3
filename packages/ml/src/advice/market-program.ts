import type { Highs } from "highs";
import { at } from "../numbers.ts";
import { AdviceError } from "./advice-error.ts";
import { decisionsOf } from "./place-decisions.ts";
import {
  type BuiltProgram,
  buildProgram,
  leastExtraCost,
  type MarketProblem,
  type Place,
  riskRow,
  shareMinBp,
  spreadPieces,
  wholeRow,
} from "./share-program.ts";
import { type Budget, branchAndBound } from "./solver/branch-and-bound.ts";
import { type LinearSolution, solve, withProgram } from "./solver/highs-solver.ts";
import { wholeBp } from "./tolerances.ts";

/** The best shares before rounding, and what limits them. */
export interface MarketSolution {
  /** In the order of the places, basis points. */
  readonly shares: readonly number[];
  /** How much better another mix could at most be, percentage points of APY; 0 when proven. */
  readonly gap: number;
  /** Objective gained per basis point of a higher cap, by place; in percentage points times basis points. */
  readonly capPrices: readonly number[];
  /** The same for a protocol's cap. */
  readonly protocolPrices: ReadonlyMap<string, number>;
  /** And for a chain's. */
  readonly chainPrices: ReadonlyMap<string, number>;
  /** Percentage points gained per point of a higher `maxRisk`. */
  readonly riskPrice: number;
}

/** How much better a mix may be that is not looked for, percentage points of APY; what is promised is 0.01. */
const gapTolerance = 0.009;
/** Linear programmes that one question may take beyond the first two. */
const programmesMax = 240;
/**
 * So many markets at most are decided about, first and, where the better mix that this finds does not rule out the others, once more;
 * the bound of the others is kept.
 */
const decidedMax = [64, 160];
/** Objective times basis points that is the rounding of the solver. */
const roundingCost = 1e-5;
/** Percentage points that are the rounding of a price. */
const reducedCostRounding = 1e-9;

/**
 * Maximises what shares earn, less the price of their risk, less what it costs to get there, with shares that sum to the whole at
 * most, within the caps. Gas is paid once per place that is touched, and a new holding has at least {@link shareMinBp}: yes and no.
 *
 * First the linear programme over all places, where gas is spread over the share: its value bounds every mix.
 * Then the places that it touches, with their gas paid. The two rarely differ by more than {@link gapTolerance}; where they do,
 * branch and bound decides between the places whose reduced costs do not rule them out.
 */
export function solveMarkets(highs: Highs, problem: MarketProblem): MarketSolution {
  const all = [...problem.places.keys()].filter((index) => isHeld(problem, index) || mayPay(problem, index));
  const { relaxed, bound, reducedCost } = solveRelaxed(highs, problem, all);
  const touched = touchedBy(problem, sharesOf(problem, relaxed, bound));
  const known = withGasPaid(highs, problem, touched);
  if (known.cost - bound.cost <= gapTolerance * wholeBp) return toSolution(problem, known, bound.cost);

  // What any mix with this place costs at least: its gas is paid in full, whatever part of its cap is held.
  const leastWith = (index: number) => {
    const place = problem.places[index];
    if (place === undefined || isHeld(problem, index)) return bound.cost;
    if ((known.shares[index] ?? 0) > 0) return bound.cost;
    return bound.cost + leastExtraCost(problem, place, Math.max(0, reducedCost(index)));
  };
  const budget = { programmes: programmesMax };
  let best = known;
  let tried = touched;
  let lowest = bound.cost;
  const byLeast = all
    .map((index) => ({ index, least: leastWith(index) }))
    .sort((left, right) => left.least - right.least || left.index - right.index);
  for (const countMax of decidedMax) {
    // With any of the others a mix is better by no more than what is not looked for.
    const mayBeBetter = byLeast.filter(({ least }) => least < best.cost - gapTolerance * wholeBp);
    const decided = mayBeBetter.slice(0, countMax).map(({ index }) => index);
    if (decided.length === 0) break;
    const found = decide(highs, problem, { decided, known: best, budget });
    if (found === undefined) break;
    const isTried =
      found.touched.size === tried.size && [...found.touched].every((index) => tried.has(index));
    if (!isTried) {
      const better = withGasPaid(highs, problem, found.touched);
      if (better.cost < best.cost) best = better;
    }
    tried = found.touched;
    lowest = Math.max(lowest, Math.min(found.bound, byLeast[decided.length]?.least ?? found.bound));
    if (best.cost - lowest <= gapTolerance * wholeBp) break;
  }
  return toSolution(problem, best, lowest);
}

/** So many places, the cheapest by the share, are in the linear programme before its prices say which others belong into it. */
const firstPlaces = 48;

/**
 * The linear programme over all places, solved over those that its prices do not rule out: the optimum and the prices of the whole, at
 * a part of the columns.
 */
function solveRelaxed(highs: Highs, problem: MarketProblem, all: readonly number[]) {
  const firstCosts = new Map(
    all.flatMap((index) => {
      const place = problem.places[index];
      const [first] = place === undefined ? [] : spreadPieces(problem, place);
      return first === undefined || isHeld(problem, index) ? [] : [[index, first.cost] as const];
    }),
  );
  const costOf = (index: number) => firstCosts.get(index) ?? Number.NEGATIVE_INFINITY;
  const cheapest = all.toSorted((left, right) => costOf(left) - costOf(right) || left - right);
  let within = new Set(cheapest.slice(0, all.length - firstCosts.size + firstPlaces));
  for (;;) {
    const relaxed = buildProgram(
      problem,
      all.filter((index) => within.has(index)),
      { gas: "spread" },
    );
    const bound = solved(highs, relaxed);
    const priceOf = (row: number | undefined) => (row === undefined ? 0 : at(bound.rowDuals, row));
    const reducedCost = (index: number) => {
      const { risk = 0, protocol = "", chain = null } = problem.places[index] ?? {};
      const chainPrice = priceOf(relaxed.chainRows.get(chain ?? ""));
      const shared = priceOf(wholeRow) + priceOf(relaxed.protocolRows.get(protocol)) + chainPrice;
      return costOf(index) - shared - risk * priceOf(riskRow);
    };
    const missing = all.filter((index) => !within.has(index) && reducedCost(index) < -reducedCostRounding);
    if (missing.length === 0) return { relaxed, bound, reducedCost };
    within = new Set([...within, ...missing]);
  }
}

/** Whether anything is earned there once its risk and what it costs to enter are paid; what does not only takes room from others. */
function mayPay({ places, riskAversion }: MarketProblem, index: number): boolean {
  const { pieces, risk, enterCost } = places[index] ?? { pieces: [], risk: 0, enterCost: 0 };
  return (pieces[0]?.apy ?? 0) - riskAversion * risk - enterCost > 0;
}

interface KnownMix {
  readonly shares: readonly number[];
  readonly cost: number;
  readonly built: BuiltProgram;
  readonly solution: LinearSolution;
}

/** As `solve`; where there is no place at all, nothing is the solution. */
function solveIfAny(highs: Highs, program: BuiltProgram): LinearSolution | undefined {
  if (program.columns.length > 0) return solve(highs, program);
  const none = new Float64Array(program.rows.length);
  return { values: none, columnDuals: none, rowDuals: none, cost: 0 };
}

function solved(highs: Highs, program: BuiltProgram): LinearSolution {
  const solution = solveIfAny(highs, program);
  if (solution !== undefined) return solution;
  throw new AdviceError("solver_failure", "No mix keeps the limits, although nothing at all does.");
}

function sharesOf({ places }: MarketProblem, { pieces }: BuiltProgram, { values }: LinearSolution): number[] {
  return places.map((_, index) =>
    (pieces.get(index) ?? []).reduce((sum, column) => sum + at(values, column), 0),
  );
}

/** The places whose share changes by enough; what must leave does whatever its size. */
function touchedBy({ places }: MarketProblem, shares: readonly number[]): ReadonlySet<number> {
  const isTouched = ({ currentBp, capBp }: Place, index: number) =>
    capBp < currentBp || Math.abs((shares[index] ?? 0) - currentBp) >= shareMinBp / 2;
  return new Set(places.flatMap((place, index) => (isTouched(place, index) ? [index] : [])));
}

/** The best mix that changes these places only. Where none does that keeps the limit of risk, all that is held may change. */
function withGasPaid(highs: Highs, problem: MarketProblem, touched: ReadonlySet<number>): KnownMix {
  const held = [...problem.places.keys()].filter((index) => isHeld(problem, index));
  const solveFor = (paid: ReadonlySet<number>) => {
    const built = buildProgram(problem, [...problem.places.keys()], { gas: "paid", touched: paid });
    return { built, solution: solveIfAny(highs, built) };
  };
  let { built, solution } = solveFor(touched);
  if (solution === undefined) ({ built, solution } = solveFor(new Set([...touched, ...held])));
  // Without new holdings, which have a smallest share, everything held may still leave.
  if (solution === undefined) {
    built = buildProgram(problem, held, { gas: "paid", touched: new Set(held) });
    solution = solved(highs, built);
  }
  const shares = sharesOf(problem, built, solution);
  return { shares, cost: solution.cost + built.fixedCost, built, solution };
}

/** Decides between the places that may be in a better mix than the one that is known. */
function decide(
  highs: Highs,
  problem: MarketProblem,
  {
    decided,
    known,
    budget,
  }: { readonly decided: readonly number[]; readonly known: KnownMix; readonly budget: Budget },
): { readonly touched: ReadonlySet<number>; readonly bound: number } | undefined {
  const held = [...problem.places.keys()].filter((index) => isHeld(problem, index));
  const indices = [...new Set([...held, ...decided])].toSorted((left, right) => left - right);
  const built = buildProgram(problem, indices, { gas: "decided" });
  const decisions = decisionsOf(problem, built);
  const found = withProgram(highs, built, (solveBetween) =>
    branchAndBound(
      (bounds) => {
        const solution = solveBetween(bounds);
        return solution && { ...solution, cost: solution.cost + decisions.gasOf(bounds) };
      },
      {
        root: decisions.root,
        branch: decisions.branch,
        round: (solution) => decisions.decide(touchedBy(problem, sharesOf(problem, built, solution))),
        start: decisions.decide(touchedBy(problem, known.shares)),
        budget,
        tolerance: gapTolerance * wholeBp,
      },
    ),
  );
  if (found === undefined) return undefined;
  const { solution, gap } = found;
  return { touched: decisions.touchedIn(solution), bound: solution.cost - gap };
}

function isHeld({ places }: MarketProblem, index: number): boolean {
  return (places[index]?.currentBp ?? 0) > 0;
}

function toSolution(
  problem: MarketProblem,
  { shares, cost, built, solution }: KnownMix,
  bound: number,
): MarketSolution {
  const gap = (cost - bound) / wholeBp;
  const rowPrice = (row: number) => Math.max(0, -at(solution.rowDuals, row));
  // What the last piece would still earn beyond the cap.
  const capPrice = (index: number) => {
    const last = built.pieces.get(index)?.at(-1);
    const isFull =
      last !== undefined && at(solution.values, last) >= (built.columns[last]?.upper ?? 0) - 1e-6;
    return isFull ? Math.max(0, -at(solution.columnDuals, last)) : 0;
  };
  return {
    shares,
    gap: gap > roundingCost ? gap : 0,
    capPrices: problem.places.map((_, index) => capPrice(index)),
    protocolPrices: new Map([...built.protocolRows].map(([protocol, row]) => [protocol, rowPrice(row)])),
    chainPrices: new Map([...built.chainRows].map(([chain, row]) => [chain, rowPrice(row)])),
    riskPrice: rowPrice(riskRow),
  };
}
