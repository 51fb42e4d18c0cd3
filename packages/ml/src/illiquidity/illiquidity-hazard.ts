import { exp, log, square } from "../deterministic-math.ts";
import { at, clamp } from "../numbers.ts";
import type { IlliquidityRow } from "./illiquidity-table.ts";
import { illiquidityFeatureNames } from "./illiquidity-table.ts";

/** log odds = intercept + Σ coefficient · feature. JSON. */
export interface IlliquidityHazard {
  intercept: number;
  /** In the order of {@link illiquidityFeatureNames}; none is negative. */
  coefficients: number[];
}

/** Strength of the pull of every coefficient towards 0. */
const penalty = 0.3;
const roundsMax = 40;
const stepMax = 1;
const toleranceOfConvergence = 1e-3;

/**
 * The hazard of a market that is not illiquid, pooled over all markets: a logistic regression whose coefficients are not negative, so that
 * it never falls where utilization rises, and are pulled towards 0, which leaves the base rate. Penalised maximum likelihood by coordinate
 * descent with Newton steps (Friedman, Hastie and Tibshirani, "Regularization paths for generalized linear models via coordinate descent",
 * Journal of Statistical Software 2010). O(rows · features) per round.
 *
 * @param rows of markets that were not illiquid, with known outcomes; some of them 1
 * @param weight how many independent outcomes one row is worth; below 1 where windows overlap
 */
export function fitHazard(rows: readonly IlliquidityRow[], weight: number): IlliquidityHazard {
  const events = rows.reduce((sum, { outcome }) => sum + outcome, 0);
  const rate = (events + 0.5) / (rows.length + 1);
  const parameters = [log(rate / (1 - rate)), ...illiquidityFeatureNames.map(() => 0)];
  const columns = parameters.map((_unused, column) =>
    Float64Array.from(rows, ({ features }) => (column === 0 ? 1 : at(features, column - 1))),
  );
  const odds = new Float64Array(rows.length).fill(at(parameters, 0));
  for (let round = 0; round < roundsMax; round += 1) {
    let moved = 0;
    columns.forEach((values, column) => {
      const current = at(parameters, column);
      const pull = column === 0 ? 0 : penalty;
      const { gradient, curvature } = derivatives(rows, values, odds);
      const step = (weight * gradient - pull * current) / (weight * curvature + pull + 1e-9);
      // Full steps can overshoot where the likelihood is nearly flat.
      const next = current + clamp(step, -stepMax, stepMax);
      const allowed = column === 0 ? next : Math.max(0, next);
      const move = allowed - current;
      if (move === 0) return;
      parameters[column] = allowed;
      moved += Math.abs(move);
      for (let row = 0; row < odds.length; row += 1) odds[row] = at(odds, row) + move * at(values, row);
    });
    if (moved < toleranceOfConvergence) break;
  }
  const [intercept = 0, ...coefficients] = parameters;
  return { intercept, coefficients };
}

/** The probability that a market that is not illiquid becomes so, above 0 and below 1. */
export function hazardProbability(hazard: IlliquidityHazard, features: Float64Array): number {
  return logistic(
    hazard.coefficients.reduce(
      (sum, coefficient, index) => sum + coefficient * at(features, index),
      hazard.intercept,
    ),
  );
}

/** Of the log likelihood along one column; curvature with its sign turned. */
function derivatives(
  rows: readonly IlliquidityRow[],
  values: Float64Array,
  odds: Float64Array,
): { gradient: number; curvature: number } {
  let gradient = 0;
  let curvature = 0;
  rows.forEach(({ outcome }, row) => {
    const value = at(values, row);
    if (value === 0) return;
    const probability = logistic(at(odds, row));
    gradient += (outcome - probability) * value;
    curvature += probability * (1 - probability) * square(value);
  });
  return { gradient, curvature };
}

function logistic(value: number): number {
  return 1 / (1 + exp(-value));
}
