import { exp, log, square } from "../deterministic-math.ts";
import { at, clamp } from "../numbers.ts";

/** Corrected log odds = intercept + slope · stated log odds. */
export interface PlattScaling {
  intercept: number;
  slope: number;
}

/** Changes nothing. */
export const identityScaling: PlattScaling = { intercept: 0, slope: 1 };

/** Probabilities are kept this far from 0 and 1, where log odds are infinite. */
const margin = 1e-4;
/** Strength of the pull towards no correction; 10 needs some dozens of independent events to be overcome. */
const penalty = 10;
const stepCountMax = 50;
const stepMax = 1;
const toleranceOfConvergence = 1e-9;

/**
 * Fits how stated probabilities turned out (Platt, "Probabilistic outputs for support vector machines", 1999) by
 * penalised maximum likelihood. The penalty 5·intercept² + 5·(slope − 1)² makes the correction fade to none where there
 * is little to learn from. Newton's method; O(n) per step.
 *
 * @param stated probabilities stated before the outcome was known
 * @param outcomes 1 where it came true, else 0; aligned with `stated`
 * @param weight how many independent outcomes one row is worth; below 1 where windows overlap
 * @returns the identity when higher probabilities came true less often: an order that is wrong cannot be mended by scaling
 */
export function fitPlattScaling(
  stated: ArrayLike<number>,
  outcomes: ArrayLike<number>,
  weight: number,
): PlattScaling {
  const odds = Float64Array.from(stated, logOdds);
  let { intercept, slope } = identityScaling;
  for (let step = 0; step < stepCountMax; step += 1) {
    // Gradient and Hessian of the penalised log likelihood.
    let gradientIntercept = -penalty * intercept;
    let gradientSlope = penalty * (1 - slope);
    let curvatureIntercept = penalty;
    let curvatureSlope = penalty;
    let curvatureBoth = 0;
    for (let index = 0; index < odds.length; index += 1) {
      const x = at(odds, index);
      const probability = logistic(intercept + slope * x);
      const residual = weight * (at(outcomes, index) - probability);
      const curvature = weight * probability * (1 - probability);
      gradientIntercept += residual;
      gradientSlope += residual * x;
      curvatureIntercept += curvature;
      curvatureBoth += curvature * x;
      curvatureSlope += curvature * x * x;
    }
    const determinant = curvatureIntercept * curvatureSlope - square(curvatureBoth);
    const moveIntercept = (curvatureSlope * gradientIntercept - curvatureBoth * gradientSlope) / determinant;
    const moveSlope = (curvatureIntercept * gradientSlope - curvatureBoth * gradientIntercept) / determinant;
    // Full steps can overshoot where the likelihood is nearly flat.
    intercept += clamp(moveIntercept, -stepMax, stepMax);
    slope += clamp(moveSlope, -stepMax, stepMax);
    if (Math.abs(moveIntercept) + Math.abs(moveSlope) < toleranceOfConvergence) break;
  }
  return slope > 0 ? { intercept, slope } : identityScaling;
}

/** The corrected probability, above 0 and below 1. */
export function scaleProbability(scaling: PlattScaling, stated: number): number {
  return logistic(scaling.intercept + scaling.slope * logOdds(stated));
}

function logOdds(probability: number): number {
  const inside = clamp(probability, margin, 1 - margin);
  return log(inside / (1 - inside));
}

function logistic(value: number): number {
  return 1 / (1 + exp(-value));
}
