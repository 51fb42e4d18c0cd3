import { exp } from "./deterministic-math.ts";
/**
 * Probability that a standard normal variable is below `x`; absolute error under 1e-14.
 * W. J. Cody style rational approximation by Hart, as given by G. West, "Better approximations to cumulative
 * normal functions", Wilmott (2005).
 */
export function normalCdf(x: number): number {
  const distance = Math.abs(x);
  if (distance > 37) return x > 0 ? 1 : 0;
  const density = exp((-distance * distance) / 2);
  const tail =
    distance < 7.07106781186547
      ? (density * polynomial(tailNumerator, distance)) / polynomial(tailDenominator, distance)
      : density / continuedFraction(distance) / Math.sqrt(2 * Math.PI);
  return x > 0 ? 1 - tail : tail;
}

/**
 * The inverse of {@link normalCdf} for 0 < p < 1, by bisection: two hundred cheap steps, exact to the last bits
 * of the function it inverts, and needed only once per candidate.
 */
export function normalQuantile(probability: number): number {
  let low = -37;
  let high = 37;
  for (let step = 0; step < 200 && low < high; step += 1) {
    const middle = (low + high) / 2;
    if (middle === low || middle === high) break;
    if (normalCdf(middle) < probability) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}

const tailNumerator = [
  0.0352624965998911, 0.700383064443688, 6.37396220353165, 33.912866078383, 112.079291497871,
  221.213596169931, 220.206867912376,
];

const tailDenominator = [
  0.0883883476483184, 1.75566716318264, 16.064177579207, 86.7807322029461, 296.564248779674, 637.333633378831,
  793.826512519948, 440.413735824752,
];

function polynomial(coefficients: readonly number[], x: number): number {
  return coefficients.reduce((sum, coefficient) => sum * x + coefficient, 0);
}

function continuedFraction(x: number): number {
  return [4, 3, 2, 1].reduce((below, step) => x + step / below, x + 0.65);
}
