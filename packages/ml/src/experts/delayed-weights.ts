import { exp, log, square } from "../deterministic-math.ts";
import { at } from "../numbers.ts";

/** What has been learned of a group's experts; JSON, part of the model artefact. */
export interface WeightsState {
  /** Sum of the gradients of all rounds whose outcome is known, by expert. */
  losses: number[];
  /** Sum over these rounds of the square of half the gradient's range. */
  squares: number;
}

/** Gradients that are all this small, squared, tell nothing, and a rate made from them could not be computed with. */
const squaresMin = 1e-100;

/**
 * Convex weights of experts, learned online from outcomes that become known with a delay: exponentiated gradient, that is
 * w ∝ prior · exp(−η·L), with L the gradients of the rounds known so far and the rate
 * η = √(ln(1 / smallest prior) / (2·(delay + 1)·Σ s²)), s half the range of a known round's gradient, which never rises. The factor
 * delay + 1 is what balances the two parts of the bound; nothing is tuned.
 *
 * Regret. With convex losses and rounds t = 1 … T, for every expert k:
 *
 *   Σ loss(w_t) − Σ loss(k) ≤ ln(1 / prior_k) / η_T + Σ_t η_t · s(g_t) · s(g_t + gradients not yet known at t)
 *
 * (follow the regularised leader with relative entropy, be-the-leader lemma, the missing gradients moved into the stability
 * term; see Joulani, György and Szepesvári, "Online learning under delayed feedback", ICML 2013, and Kivinen and Warmuth,
 * "Exponentiated gradient versus gradient descent", 1997). With s ≤ G it grows with G·√((delay + 1)·T·ln(1 / prior_k)).
 * An expert that has nothing to say sleeps: it is judged as if it had said what the others agreed on (Freund, Schapire, Singer
 * and Warmuth, "Using and combining predictors that specialize", STOC 1997), so the bound holds for it, too.
 */
export class DelayedWeights {
  readonly #logPrior: readonly number[];
  readonly #delayRounds: number;
  readonly #losses: number[];
  #squares: number;

  /**
   * @param prior positive, summing to 1: the weights before any outcome is known
   * @param delayRounds a round's outcome is known this many rounds later
   */
  constructor(prior: readonly number[], delayRounds: number, state?: WeightsState) {
    this.#logPrior = prior.map(log);
    this.#delayRounds = delayRounds;
    this.#losses = state === undefined ? prior.map(() => 0) : [...state.losses];
    this.#squares = state?.squares ?? 0;
  }

  get state(): WeightsState {
    return { losses: [...this.#losses], squares: this.#squares };
  }

  /** η as of now; Infinity before any round was learned from, when all losses are 0 and the prior stands. */
  get rate(): number {
    if (this.#squares < squaresMin) return Number.POSITIVE_INFINITY;
    const complexity = -Math.min(...this.#logPrior);
    return Math.sqrt(complexity / (2 * (this.#delayRounds + 1) * this.#squares));
  }

  /**
   * The weights of the experts that say something now; 0 for those that sleep. All are 0 when all sleep.
   *
   * @param said what each expert says, NaN for one that sleeps
   * @param from weights to begin from instead of the prior, as they stand now
   */
  weights(said: ArrayLike<number>, from?: DelayedWeights): Float64Array {
    const logs = this.#logWeights(from).map((logWeight, expert) =>
      Number.isNaN(at(said, expert)) ? Number.NEGATIVE_INFINITY : logWeight,
    );
    const largest = Math.max(...logs);
    if (largest === Number.NEGATIVE_INFINITY) return new Float64Array(logs.length);
    const raw = Float64Array.from(logs, (value) => exp(value - largest));
    const total = raw.reduce((sum, value) => sum + value, 0);
    return raw.map((value) => value / total);
  }

  #logWeights(from: DelayedWeights | undefined): number[] {
    const start = from === undefined ? this.#logPrior : from.#logWeights(undefined);
    const rate = this.#squares < squaresMin ? 0 : this.rate;
    return start.map((logWeight, expert) => logWeight - rate * at(this.#losses, expert));
  }

  /** Takes in the gradient of a round's loss by the weights, once its outcome is known; rounds come in their order. */
  learn(gradient: ArrayLike<number>): void {
    this.#squares += square(halfRange(gradient));
    for (let expert = 0; expert < this.#losses.length; expert += 1) {
      this.#losses[expert] = at(this.#losses, expert) + at(gradient, expert);
    }
  }
}

/** Half the difference between the largest and the smallest value. */
export function halfRange(values: ArrayLike<number>): number {
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  for (let index = 0; index < values.length; index += 1) {
    low = Math.min(low, at(values, index));
    high = Math.max(high, at(values, index));
  }
  return values.length === 0 ? 0 : (high - low) / 2;
}
