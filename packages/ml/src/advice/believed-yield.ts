import { square } from "../deterministic-math.ts";

/** Standard deviation of a forecast, percentage points of APY, at which it is believed half-way between its lower bound and itself. */
const halfBelievedDeviation = 3;

/**
 * The yield that is believed: `lower + trust · (forecast − lower)` with `trust = s² / (s² + σ²)`, where σ is the forecast's standard
 * deviation and s 3 percentage points. This is the posterior mean of a normal forecast under a normal prior centred on the lower
 * bound (Gelman et al., Bayesian Data Analysis, 3rd ed., 2.5). A precise forecast is taken at its word; one of 900 % ± 900 % is worth
 * about its lower bound, whatever its centre. The rule is the same whatever the tolerance, so that tolerances are ordered.
 */
export function believedYield(
  { value, lower }: { readonly value: number; readonly lower: number },
  deviation: number,
): number {
  // Written as a ratio so that squares of huge deviations cannot overflow.
  const trust = 1 / (1 + square(deviation / halfBelievedDeviation));
  return lower + trust * (value - lower);
}
