import type { Highs } from "highs";
import { square } from "../deterministic-math.ts";
import { normalCdf } from "../normal.ts";
import { sum } from "../numbers.ts";
import { adviceConfidence, gainKept, improvementInterval, moveConfidenceMin } from "./advice-confidence.ts";
import { AdviceError } from "./advice-error.ts";
import { adviceLimits } from "./advice-limits.ts";
import { excludedOf, linesOf, warningsOf } from "./advice-lines.ts";
import { chainCapsOf, fundsOf, placesOf, protocolCapsOf, withinWhatIsHeld } from "./advice-places.ts";
import { adviceReason, unallocatedReason } from "./advice-reasons.ts";
import type { AdviceForcedMove, AdviceRequest, MarketAdvice } from "./advice-types.ts";
import { lastingForcedMoves, riskBreach } from "./forced-moves.ts";
import { withoutEntering } from "./least-move.ts";
import type { AdvicePlace } from "./market-places.ts";
import { solveMarkets } from "./market-program.ts";
import { riskNoiseTolerance, roundWithinCaps } from "./rounding.ts";
import type { RiskTolerance } from "./tolerances.ts";
import { limitsForTolerance, wholeBp } from "./tolerances.ts";
import { assertRequest } from "./validate-request.ts";

/** From the most to the least risk. */
const tolerances: readonly RiskTolerance[] = ["high", "medium", "low"];

/**
 * What to hold in which markets, whether moving there pays, and why: the yield that can be believed, net of impermanent loss and
 * dilution, less the price of risk and the cost of getting there, is as high as it can be (`solveMarkets`). There is always an answer:
 * what fits nowhere is not allocated.
 *
 * Tolerances are ordered: of the same question, `low` never has a higher portfolio risk than `medium`, and that never than `high`.
 *
 * @throws AdviceError `invalid_request` for values outside their range, `solver_failure` for a bug
 */
export function advise(highs: Highs, asked: AdviceRequest): MarketAdvice {
  assertRequest(asked);
  const request = withinWhatIsHeld(asked);
  const places = placesOf(request);
  const protocolCaps = protocolCapsOf(places, request);
  const chainCaps = chainCapsOf(places, request);
  const forcedAtAll = lastingForcedMoves(places, { protocolCaps, chainCaps }, request);
  let decision: Decision | undefined;
  for (const tolerance of tolerances) {
    const own = decide(highs, {
      request: { ...request, tolerance },
      places,
      protocolCaps,
      chainCaps,
      forcedAtAll,
    });
    // Of equal places and caps, a higher price of risk and a lower limit of it never have more risk at the optimum. Thresholds,
    // doubt and rounding can turn that round by a little; then the mix of the higher tolerance is as good, and within the limits.
    const isOrdered = decision === undefined || own.risk <= decision.risk;
    decision =
      isOrdered || decision === undefined ? own : { ...decision, forced: own.forced, limits: own.limits };
    if (tolerance === request.tolerance) break;
  }
  if (decision === undefined) throw new AdviceError("solver_failure", "No tolerance was looked at.");
  const advice = adviceOf(request, places, decision);
  if (request === asked || request.wishes.assets === undefined) return advice;
  const only = `Markets of ${request.wishes.assets.toSorted().join(", ")} only were looked at, which is what you hold: state assets to have others looked at, too.`;
  return { ...advice, warnings: [...advice.warnings, only] };
}

interface Question {
  readonly request: AdviceRequest;
  readonly places: readonly AdvicePlace[];
  readonly protocolCaps: ReadonlyMap<string, number>;
  readonly chainCaps: ReadonlyMap<string, number>;
  readonly forcedAtAll: readonly AdviceForcedMove[];
}

interface Decision {
  readonly moves: boolean;
  /** Basis points, in the order of the places. */
  readonly target: readonly number[];
  readonly judged: Judged;
  readonly forced: readonly AdviceForcedMove[];
  readonly limits: MarketAdvice["binding_limits"];
  /** Of what is advised. */
  readonly risk: number;
  readonly gap: number;
}

function decide(highs: Highs, { request, places, protocolCaps, chainCaps, forcedAtAll }: Question): Decision {
  const { risk_aversion, ...usual } = limitsForTolerance(request.tolerance);
  const { max_portfolio_risk = usual.max_portfolio_risk } = request.wishes;
  const current = places.map(({ currentBp }) => currentBp);
  const locked = places.map(({ currentBp, isLocked }) => (isLocked ? currentBp : 0));
  // What cannot leave does not make the question impossible.
  const maxRisk = Math.max(max_portfolio_risk, riskOf(places, locked));
  const problem = { places, protocolCaps, chainCaps, maxRisk, riskAversion: risk_aversion };
  let solution = solveMarkets(highs, problem);
  let target = roundWithinCaps(places, solution, problem);
  let judged = judge(places, target, request);
  const isTooRisky = riskOf(places, current) > maxRisk + riskNoiseTolerance;
  const forced = isTooRisky ? [...forcedAtAll, riskBreach(riskOf(places, current), maxRisk)] : forcedAtAll;
  const threshold = request.held.length === 0 ? 1 : Math.max(1, request.rebalance_threshold_bp);
  const pays =
    judged.improvement > 0 && judged.largestChange >= threshold && judged.confidence >= moveConfidenceMin;
  const moves = forced.length > 0 || pays;
  if (moves && !pays) {
    const least = { ...problem, places: withoutEntering(places), riskAversion: 0 };
    const known = solveMarkets(highs, least);
    const exits = roundWithinCaps(places, known, least);
    if (!goesOn(places, { exits, target }, request)) {
      [solution, target, judged] = [known, exits, judge(places, exits, request)];
    }
  }
  return {
    moves,
    target,
    judged,
    forced,
    limits: adviceLimits(places, solution, { ...problem, markets: request.markets }),
    risk: riskOf(places, moves ? target : current),
    gap: solution.gap,
  };
}

/** Whether the target is better than leaving what has to be left and no more, after cost and doubt. */
function goesOn(
  places: readonly AdvicePlace[],
  { exits, target }: { readonly exits: readonly number[]; readonly target: readonly number[] },
  request: AdviceRequest,
): boolean {
  const gain = judge(places, target, request).improvement - judge(places, exits, request).improvement;
  const variance = places.reduce(
    (sum, { deviation }, index) =>
      sum + square((((target[index] ?? 0) - (exits[index] ?? 0)) / wholeBp) * deviation),
    0,
  );
  return gain > 0 && confidenceOf(gain, Math.sqrt(variance), request).confidence >= moveConfidenceMin;
}

/** How sure it is that a gain is one. */
function confidenceOf(gain: number, deviation: number, { apys, holding_period_days }: AdviceRequest) {
  const raw = deviation > 0 ? normalCdf(gain / deviation) : gain > 0 ? 1 : 0;
  return { raw, confidence: apys === "stated" ? raw : adviceConfidence(raw, holding_period_days) };
}

/** What the move from the present shares to the target costs and brings. */
interface Judged {
  readonly before: number;
  readonly after: number;
  readonly gasUsd: number;
  readonly swapUsd: number;
  readonly annualCost: number;
  readonly improvement: number;
  readonly deviation: number;
  readonly rawConfidence: number;
  readonly confidence: number;
  readonly turnover: number;
  readonly largestChange: number;
}

function judge(places: readonly AdvicePlace[], target: readonly number[], request: AdviceRequest): Judged {
  const { amount_usd, holding_period_days } = request;
  let [before, after, gasUsd, swapUsd, variance, turnover, largestChange] = [0, 0, 0, 0, 0, 0, 0];
  for (const [index, place] of places.entries()) {
    const { currentBp } = place;
    const share = target[index] ?? 0;
    const change = share - currentBp;
    if (share === 0 && change === 0) continue;
    before += (currentBp * place.netApyAt(currentBp)) / wholeBp;
    after += (share * place.netApyAt(share)) / wholeBp;
    variance += square((change / wholeBp) * place.deviation);
    turnover += Math.max(0, change);
    largestChange = Math.max(largestChange, Math.abs(change));
    if (change === 0) continue;
    gasUsd += place.gasUsd;
    const swapBp = change > 0 ? place.enterBp : place.leaveBp;
    swapUsd += (Math.abs(change) / wholeBp) * amount_usd * (swapBp / wholeBp) + place.impactUsd(change);
  }
  const annualCost = ((gasUsd + swapUsd) / amount_usd) * 100 * (365 / holding_period_days);
  // Only of a gain a part is counted on: what a forced move loses is lost.
  const kept = after > before ? keptOf(request) : 1;
  const improvement = kept * (after - before) - annualCost;
  const deviation = Math.sqrt(variance);
  const { raw: rawConfidence, confidence } = confidenceOf(improvement, deviation, request);
  return {
    before,
    after,
    gasUsd,
    swapUsd,
    annualCost,
    improvement,
    deviation,
    rawConfidence,
    confidence,
    turnover,
    largestChange,
  };
}

function adviceOf(request: AdviceRequest, places: readonly AdvicePlace[], decision: Decision): MarketAdvice {
  const { moves, target, judged, forced, limits, gap } = decision;
  const current = places.map(({ currentBp }) => currentBp);
  const shares = moves ? target : current;
  const unallocated = wholeBp - sum(shares);
  const excluded = excludedOf(request);
  const isExchangeUnknown = request.moving_cost_bp === undefined && fundsOf(request).toExchange === undefined;
  const { before, after, annualCost } = judged;
  const gainADay = (keptOf(request) * (after - before)) / 365;
  const oneOff = (annualCost * request.holding_period_days) / 365;
  const advice: Omit<MarketAdvice, "reason" | "unallocated_reason"> = {
    outcome: moves ? "rebalance" : "hold",
    lines: linesOf(places, shares, target),
    unallocated_bp: unallocated,
    target_unallocated_bp: wholeBp - sum(target),
    expected_apy_before: before,
    expected_apy_after: after,
    expected_improvement: judged.improvement,
    improvement_interval: improvementInterval(request, {
      counted: judged.improvement,
      promised: after - before - annualCost,
      deviation: judged.deviation,
    }),
    portfolio_risk_before: riskOf(places, current),
    portfolio_risk_after: riskOf(places, target),
    turnover_bp: judged.turnover,
    gas_usd: judged.gasUsd,
    swap_usd: judged.swapUsd,
    annual_cost: annualCost,
    break_even_days: gainADay > 0 ? oneOff / gainADay : null,
    largest_change_bp: judged.largestChange,
    forced_moves: forced,
    binding_limits: limits,
    excluded,
    warnings: warningsOf(places, shares, { isExchangeUnknown, days: request.holding_period_days }),
    confidence: judged.confidence,
    raw_confidence: judged.rawConfidence,
    optimality_gap: gap,
  };
  return {
    ...advice,
    unallocated_reason: unallocated === 0 ? null : unallocatedReason(advice, request),
    reason: adviceReason(advice, request),
  };
}

function riskOf(places: readonly AdvicePlace[], shares: readonly number[]): number {
  return places.reduce((sum, { risk }, index) => sum + (shares[index] ?? 0) * risk, 0) / wholeBp;
}

/** Which part of a promised gain is counted on: of stated APYs all of it. */
function keptOf({ apys, holding_period_days }: AdviceRequest): number {
  return apys === "stated" ? 1 : gainKept(holding_period_days);
}
