import type { AllocationLimits } from "./limits.ts";

/** Only `active` protocols may receive or keep money. */
export type ProtocolStatus = "active" | "paused" | "deprecated" | "exploited";

/** A protocol that may appear in the allocation, with what is forecast for it. */
export interface AllocationCandidate {
  /** Unique name among the candidates. */
  readonly protocol: string;
  readonly status: ProtocolStatus;
  /** Forecast APY in percent. `null` only when the protocol is not active. */
  readonly expected_apy: number | null;
  /** Lower end of the forecast interval, percent; at most `expected_apy`. */
  readonly expected_apy_lower: number | null;
  /** Upper end of the forecast interval, percent; at least `expected_apy`. */
  readonly expected_apy_upper: number | null;
  /** Coverage of the interval, 0.5–0.999, for instance 0.9. */
  readonly interval_level: number;
  /** Risk score 0–100. `null` only when the protocol is not active; it then counts as 100. */
  readonly risk_score: number | null;
}

/** What moving money costs, and over how long that cost is earned back. */
export interface AllocationCosts {
  /** Basis points of the value that enters a protocol it was not in: gas, slippage and fees together. */
  readonly cost_bp: number;
  /** The position is assumed to be held this long, so a one-off cost weighs 365 / this in yearly terms. */
  readonly holding_period_days: number;
}

/** One question to the optimiser. Order of candidates and of keys does not matter. */
export interface AllocationRequest {
  /** 0 to 500 protocols. */
  readonly candidates: readonly AllocationCandidate[];
  /** The only candidates that may hold money; all of them when empty. @default [] */
  readonly preferred?: readonly string[];
  /**
   * Present shares in basis points, summing to 10000; `null` when nothing is invested yet. A holding that is not
   * among the preferred candidates must be left, as one that is not active.
   */
  readonly current: Readonly<Record<string, number>> | null;
  readonly limits: AllocationLimits;
  readonly costs: AllocationCosts;
  /** Hold when no share would change by at least this much. */
  readonly rebalance_threshold_bp: number;
}

/** A limit that can hold an optimum back. */
export type BindingLimitName = "max_portfolio_risk" | "max_single" | "min_diversification" | "min_share";

/**
 * A limit that can make a request impossible. `active_candidates` is the supply of protocols that may hold money,
 * `preferred_protocols` the wish to use some of them only.
 */
export type LimitName = BindingLimitName | "active_candidates" | "preferred_protocols";

/** A limit that shapes the target: without it the target would be better. */
export interface BindingLimit {
  readonly limit: BindingLimitName;
  /** The protocol whose share the limit holds, where it concerns one. */
  readonly protocol?: string;
  /**
   * Risk-adjusted APY, percentage points, gained by loosening the limit by one unit: one percentage point of
   * share (`max_single`, `min_share`), one risk point (`max_portfolio_risk`), one protocol (`min_diversification`).
   * The first three are dual values of the linear programme: the most that a small loosening can gain, and just that
   * unless several limits meet in one point. The last is exact.
   */
  readonly shadow_price: number;
  readonly sentence: string;
}

/** A candidate or holding that may not have money, and why; `not_a_candidate` also when it is not preferred. */
export interface ExcludedProtocol {
  readonly protocol: string;
  readonly reason: "paused" | "deprecated" | "exploited" | "not_a_candidate";
}

/** Why the current allocation cannot stay, whether or not moving pays. */
export interface ForcedMove {
  readonly cause: "exit" | "max_portfolio_risk" | "max_single" | "min_diversification";
  readonly protocol?: string;
  readonly sentence: string;
}

/**
 * What to hold, and why. Figures named `after`, and those of turnover, cost, improvement and confidence, describe the move
 * from `current` to `target_bp`, also when the advice is to hold: it is then the move that was found not worth making.
 */
export interface AllocationAdvice {
  readonly outcome: "rebalance" | "hold";
  /** What to hold: `target_bp`, or the current shares when holding. Positive shares only, summing to 10000. */
  readonly allocation_bp: Readonly<Record<string, number>>;
  /** The optimum under the limits, positive shares only, summing to 10000. */
  readonly target_bp: Readonly<Record<string, number>>;
  /** Forecast APY of the current shares, percent; 0 for cash and for holdings that must be left. */
  readonly expected_apy_before: number;
  /** Forecast APY of the target, percent, before costs. */
  readonly expected_apy_after: number;
  /** Percentage points of APY: after − before − `annual_cost`. */
  readonly expected_improvement: number;
  /** The same in the optimiser's own terms: robust yields, less the price of risk. */
  readonly risk_adjusted_improvement: number;
  /** Share-weighted risk score; 0 for cash. */
  readonly portfolio_risk_before: number;
  readonly portfolio_risk_after: number;
  /** Value that changes place: Σ max(0, target − current), basis points of the portfolio. */
  readonly turnover_bp: number;
  /** One-off cost of the move, basis points of the portfolio: turnover · cost_bp / 10000. */
  readonly cost_bp: number;
  /** That cost spread over the holding period, percentage points of APY. */
  readonly annual_cost: number;
  /** The largest change of one share, basis points. */
  readonly largest_change_bp: number;
  readonly forced_moves: readonly ForcedMove[];
  readonly binding_limits: readonly BindingLimit[];
  readonly excluded: readonly ExcludedProtocol[];
  /** A plain sentence or two for the user. */
  readonly reason: string;
  /**
   * Estimated probability, 0–1, that the target earns more than the current shares net of costs, if forecast
   * errors are independent and normal with the stated intervals. An estimate; not itself backtested.
   */
  readonly confidence: number;
  /** Proven bound on how much better a mix could be, percentage points of risk-adjusted APY; 0 when proven optimal. */
  readonly optimality_gap: number;
}

/**
 * No mix respects every limit. `conflicting_limits` is a smallest set that cannot hold together: loosening any one
 * of them resolves that conflict; a second, unrelated one would show in the next result.
 */
export interface InfeasibleAllocation {
  readonly outcome: "infeasible";
  readonly conflicting_limits: readonly LimitName[];
  readonly excluded: readonly ExcludedProtocol[];
  readonly reason: string;
}

export type AllocationResult = AllocationAdvice | InfeasibleAllocation;
