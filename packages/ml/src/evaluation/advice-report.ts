import type { MarketAdvice } from "../advice/advice-types.ts";
import type { RiskTolerance } from "../advice/tolerances.ts";
import { mean, sum } from "../numbers.ts";

/** Mean improvements over holding of others in the same place, percentage points of APY net of gas. */
export interface AdviceBaselines {
  readonly hold: number;
  /** All markets that may hold money, alike. */
  readonly equal_weights: number;
  readonly highest_current_apy: number;
  /** The market that turned out best. */
  readonly oracle: number;
}

/** How the suggestions for one typical holder did. Improvements are over holding, in percentage points of APY net of costs. */
export interface AdviceReport {
  readonly tolerance: RiskTolerance | "all";
  readonly holder: string;
  /** Suggestions with a known outcome. */
  readonly n: number;
  /** How many advised a move that nothing forced. The figures below are of these; null when there were none. */
  readonly moves: number;
  /** How many moved because a limit of risk or a status forced it. */
  readonly forced: number;
  readonly promised_pp: number | null;
  readonly realised_pp: number | null;
  /** The share that earned more than holding. */
  readonly beat_hold: number | null;
  readonly worst_pp: number | null;
  /** Share of realised improvements in their 90 % interval. */
  readonly coverage_90: number | null;
  readonly turnover_percent: number | null;
  /** Of the same days and holders, whatever was advised. */
  readonly baselines: AdviceBaselines;
}

/** A suggestion whose outcome is known. */
export interface Outcome {
  readonly tolerance: RiskTolerance;
  readonly holder: string;
  readonly advice: MarketAdvice;
  /** Whether there is anything to move at all. */
  readonly isMove: boolean;
  readonly isForced: boolean;
  /** Improvement of the target over holding, percentage points. */
  readonly realised: number;
  readonly baselines: AdviceBaselines;
}

/** How the suggestions of one tolerance for one holder did. */
export function reportOf(
  tolerance: AdviceReport["tolerance"],
  holder: string,
  outcomes: readonly Outcome[],
): AdviceReport {
  const advised = outcomes.filter(({ advice }) => advice.outcome === "rebalance");
  const moves = advised.filter(({ isForced }) => !isForced);
  const meanOf = (read: (outcome: Outcome) => number) => (moves.length === 0 ? null : mean(moves.map(read)));
  const baseline = (name: keyof AdviceBaselines) =>
    outcomes.length === 0 ? 0 : mean(outcomes.map(({ baselines }) => baselines[name]));
  return {
    tolerance,
    holder,
    n: outcomes.length,
    moves: moves.length,
    forced: advised.length - moves.length,
    promised_pp: meanOf(({ advice }) => advice.expected_improvement),
    realised_pp: meanOf(({ realised }) => realised),
    beat_hold: meanOf(({ realised }) => (realised > 0 ? 1 : 0)),
    worst_pp: moves.length === 0 ? null : Math.min(...moves.map(({ realised }) => realised)),
    coverage_90: meanOf(({ advice: { improvement_interval: interval }, realised }) =>
      realised >= interval.lower && realised <= interval.upper ? 1 : 0,
    ),
    turnover_percent: meanOf(({ advice }) => advice.turnover_bp / 100),
    baselines: {
      hold: 0,
      equal_weights: baseline("equal_weights"),
      highest_current_apy: baseline("highest_current_apy"),
      oracle: baseline("oracle"),
    },
  };
}

/** Which part of the gain before costs that was promised came true, of all of them together; null where there are none. */
export function gainKeptOf(moves: readonly Outcome[]): number | null {
  const promised = sum(moves.map(({ advice }) => advice.expected_apy_after - advice.expected_apy_before));
  const realised = sum(moves.map(({ advice, realised }) => realised + advice.annual_cost));
  return promised > 0 ? realised / promised : null;
}

/** Quantile 0.9 of |realised − promised| in units of half the stated interval; null where there is none. */
export function quantile90(judged: readonly Outcome[]): number | null {
  const units = judged.flatMap(({ advice, realised }) => {
    const { lower, upper } = advice.improvement_interval;
    const half = (upper - lower) / 2;
    return half > 0 ? [Math.abs(realised - advice.expected_improvement) / half] : [];
  });
  if (units.length === 0) return null;
  return units.toSorted((left, right) => left - right)[Math.floor(0.9 * units.length)] ?? null;
}
