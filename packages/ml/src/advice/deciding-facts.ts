import { gainKept } from "./advice-confidence.ts";
import type { AdviceLine, AdviceRequest, MarketAdvice } from "./advice-types.ts";
import { marketNamer, share } from "./figures.ts";
import { limitsForTolerance, wholeBp } from "./tolerances.ts";

/** What the facts are taken from. */
export type Judged = Pick<
  MarketAdvice,
  | "outcome"
  | "lines"
  | "expected_apy_before"
  | "expected_apy_after"
  | "annual_cost"
  | "largest_change_bp"
  | "binding_limits"
>;

interface Fact {
  /** Percentage points of risk-adjusted APY that it adds, as a size. */
  readonly weight: number;
  readonly sentence: string;
}

/**
 * The two facts that decided for or against the move to the target, the weightier one first. For a move these are what the market that
 * adds most of risk-adjusted yield pays, and what is given up for it; where nothing is, the dearest limit, or what else is entered. Against
 * a move they are what it would gain and what that would cost. None where there is nothing to move.
 *
 * A market adds its change of share times its yield net of impermanent loss and dilution, less the price of its risk.
 */
export function decidingFacts(advice: Judged, request: AdviceRequest): readonly string[] {
  if (advice.largest_change_bp === 0) return [];
  if (advice.outcome === "hold") return [gain(advice, request), cost(advice, request)];
  const { risk_aversion } = limitsForTolerance(request.tolerance);
  const marketName = marketNamer(request.markets);
  const facts = advice.lines
    .map((line) => ({ line, change: line.target_bp - line.current_bp }))
    .filter(({ change }) => change !== 0)
    .map(({ line, change }): Fact & { readonly isEntered: boolean } => {
      const apy = (change > 0 ? line.net_apy_at_target : line.net_apy_at_zero) ?? 0;
      const adjusted = apy - risk_aversion * (line.risk_score ?? 100);
      return {
        isEntered: change > 0,
        // What is left counts the more the worse it is.
        weight: (change * adjusted) / wholeBp,
        sentence: describe(line, change, marketName(line)),
      };
    })
    .toSorted((left, right) => right.weight - left.weight);
  const [entered, alsoEntered] = facts.filter(({ isEntered }) => isEntered);
  const left = facts.find(({ isEntered }) => !isEntered);
  const [limit] = advice.binding_limits;
  const others = [left?.sentence, limit?.sentence, alsoEntered?.sentence, cost(advice, request)];
  return [entered?.sentence, ...others].filter((sentence) => sentence !== undefined).slice(0, 2);
}

function describe(line: AdviceLine, change: number, name: string): string {
  const apy = change > 0 ? line.net_apy_at_target : line.net_apy_at_zero;
  const pays = apy === null ? "nothing that is forecast" : `${apy.toFixed(2)} % a year`;
  const risk = line.risk_score === null ? "unknown" : line.risk_score.toFixed(1);
  const move = change > 0 ? "gets" : "gives up";
  return `${name} ${move} ${share(Math.abs(change))}: it is expected to pay ${pays} net, at a risk of ${risk}.`;
}

function gain({ expected_apy_before, expected_apy_after }: Judged, request: AdviceRequest): string {
  const promised = expected_apy_after - expected_apy_before;
  const counted = request.apys === "stated" || promised <= 0 ? 1 : gainKept(request.holding_period_days);
  const part = counted === 1 ? "" : `, of which ${Math.round(counted * 100)} % are counted on`;
  return `The move changes the expected yield by ${promised.toFixed(2)} percentage points a year${part}.`;
}

function cost({ annual_cost }: Judged, { holding_period_days }: AdviceRequest): string {
  return `Its cost takes ${annual_cost.toFixed(2)} percentage points a year over ${holding_period_days} days.`;
}
