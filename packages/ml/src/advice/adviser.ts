import type { AdviceRequest, MarketAdvice } from "./advice-types.ts";
import { advise } from "./advise.ts";
import { loadSolver } from "./solver/highs-solver.ts";

/** Advises holders about markets. Create one per process and share it; it keeps no state. */
export interface Adviser {
  /**
   * What to hold, whether moving there pays, and why, as `advise` describes. Synchronous and deterministic: equal requests, in any order
   * of markets, get equal advice.
   *
   * @throws AdviceError `invalid_request` for values outside their range, `solver_failure` for a bug.
   */
  advise(request: AdviceRequest): MarketAdvice;
}

/**
 * Loads the solver and returns the adviser.
 *
 * @example
 * const adviser = await createAdviser();
 * const { outcome, lines, reason } = adviser.advise(request);
 */
export async function createAdviser(): Promise<Adviser> {
  const highs = await loadSolver();
  return { advise: (request) => advise(highs, request) };
}
