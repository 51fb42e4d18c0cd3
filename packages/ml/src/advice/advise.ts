import type { Highs } from "highs";
import { AllocationError } from "../allocation/allocation-error.ts";
import type { RiskTolerance } from "../allocation/limits.ts";
import { limitsForTolerance, wholeBp } from "../allocation/limits.ts";
import { normalCdf } from "../allocation/normal.ts";
import { riskNoiseTolerance, roundShares } from "../allocation/rounding.ts";
import { square } from "../deterministic-math.ts";
import { adviceConfidence, gainKept, improvementInterval, moveConfidenceMin } from "./advice-confidence.ts";
import { adviceLimits } from "./advice-limits.ts";
import { adviceReason, unallocatedReason } from "./advice-reasons.ts";
import type { AdviceForcedMove, AdviceLine, AdviceRequest, MarketAdvice } from "./advice-types.ts";
import { assetsOfSymbol, isStable, sameAsset } from "./market-assets.ts";
import {
  type AdvicePlace,
  exclusionOf,
  marketPlace,
  protocolPlace,
  shareMaxDefaultBp,
} from "./market-places.ts";
import { type MarketSolution, solveMarkets } from "./market-program.ts";

/** From the most to the least risk. */
const tolerances: readonly RiskTolerance[] = ["high", "medium", "low"];

/**
 * What to hold in which markets, whether moving there pays, and why: the yield that can be believed, net of impermanent loss and
 * dilution, less the price of risk and the cost of getting there, is as high as it can be (`solveMarkets`). There is always an answer:
 * what fits nowhere is not allocated.
 *
 * Tolerances are ordered: of the same question, `low` never has a higher portfolio risk than `medium`, and that never than `high`.
 *
 * @throws AllocationError `invalid_request` for values outside their range, `solver_failure` for a bug
 */
export function advise(highs: Highs, request: AdviceRequest): MarketAdvice {
  assertRequest(request);
  const places = placesOf(request);
  const protocolCaps = protocolCapsOf(places, request);
  const forcedAtAll = lastingForcedMoves(places, protocolCaps, request);
  let decision: Decision | undefined;
  for (const tolerance of tolerances) {
    const own = decide(highs, { request: { ...request, tolerance }, places, protocolCaps, forcedAtAll });
    // Of equal places and caps, a higher price of risk and a lower limit of it never have more risk at the optimum. Thresholds,
    // doubt and rounding can turn that round by a little; then the mix of the higher tolerance is as good, and within the limits.
    const isOrdered = decision === undefined || own.risk <= decision.risk;
    decision =
      isOrdered || decision === undefined ? own : { ...decision, forced: own.forced, limits: own.limits };
    if (tolerance === request.tolerance) break;
  }
  if (decision === undefined) throw new AllocationError("solver_failure", "No tolerance was looked at.");
  return adviceOf(request, places, decision);
}

interface Question {
  readonly request: AdviceRequest;
  readonly places: readonly AdvicePlace[];
  readonly protocolCaps: ReadonlyMap<string, number>;
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

function decide(highs: Highs, { request, places, protocolCaps, forcedAtAll }: Question): Decision {
  const { max_portfolio_risk, risk_aversion } = limitsForTolerance(request.tolerance);
  const current = places.map(({ currentBp }) => currentBp);
  const locked = places.map(({ currentBp, isLocked }) => (isLocked ? currentBp : 0));
  // What cannot leave does not make the question impossible.
  const maxRisk = Math.max(max_portfolio_risk, riskOf(places, locked));
  const problem = { places, protocolCaps, maxRisk, riskAversion: risk_aversion };
  const solution = solveMarkets(highs, problem);
  const target = roundedShares(places, solution, { maxRisk, protocolCaps });
  const judged = judge(places, target, request);
  const isTooRisky = riskOf(places, current) > maxRisk + riskNoiseTolerance;
  const forced = isTooRisky ? [...forcedAtAll, riskBreach(riskOf(places, current), maxRisk)] : forcedAtAll;
  const threshold = request.held.length === 0 ? 1 : Math.max(1, request.rebalance_threshold_bp);
  const pays =
    judged.improvement > 0 && judged.largestChange >= threshold && judged.confidence >= moveConfidenceMin;
  const moves = forced.length > 0 || pays;
  return {
    moves,
    target,
    judged,
    forced,
    limits: adviceLimits(places, solution, { maxRisk, protocolCaps }),
    risk: riskOf(places, moves ? target : current),
    gap: solution.gap,
  };
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
    before += (currentBp * place.netApyAt(currentBp)) / wholeBp;
    after += (share * place.netApyAt(share)) / wholeBp;
    variance += square((change / wholeBp) * place.deviation);
    turnover += Math.max(0, change);
    largestChange = Math.max(largestChange, Math.abs(change));
    if (change === 0) continue;
    gasUsd += place.gasUsd;
    const swapBp = change > 0 ? place.enterBp : place.leaveBp;
    swapUsd += (Math.abs(change) / wholeBp) * amount_usd * (swapBp / wholeBp);
  }
  const annualCost = ((gasUsd + swapUsd) / amount_usd) * 100 * (365 / holding_period_days);
  // Only of a gain a part is counted on: what a forced move loses is lost.
  const kept = after > before ? gainKept(holding_period_days) : 1;
  const improvement = kept * (after - before) - annualCost;
  const deviation = Math.sqrt(variance);
  const rawConfidence = deviation > 0 ? normalCdf(improvement / deviation) : improvement > 0 ? 1 : 0;
  return {
    before,
    after,
    gasUsd,
    swapUsd,
    annualCost,
    improvement,
    deviation,
    rawConfidence,
    confidence: adviceConfidence(rawConfidence),
    turnover,
    largestChange,
  };
}

function adviceOf(request: AdviceRequest, places: readonly AdvicePlace[], decision: Decision): MarketAdvice {
  const { moves, target, judged, forced, limits, gap } = decision;
  const current = places.map(({ currentBp }) => currentBp);
  const shares = moves ? target : current;
  const unallocated = wholeBp - sumOf(shares);
  const excluded = excludedOf(request);
  const { before, after, annualCost } = judged;
  const gainADay = (gainKept(request.holding_period_days) * (after - before)) / 365;
  const oneOff = (annualCost * request.holding_period_days) / 365;
  const advice: Omit<MarketAdvice, "reason" | "unallocated_reason"> = {
    outcome: moves ? "rebalance" : "hold",
    lines: linesOf(places, shares, target),
    unallocated_bp: unallocated,
    target_unallocated_bp: wholeBp - sumOf(target),
    expected_apy_before: before,
    expected_apy_after: after,
    expected_improvement: judged.improvement,
    improvement_interval: improvementInterval(
      judged.improvement,
      after - before - annualCost,
      judged.deviation,
    ),
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
    warnings: warningsOf(places, shares, fundsOf(request) === undefined),
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

/** Every market that may hold money or does, and what is held in protocols as a whole; by name, so that order cannot matter. */
function placesOf(request: AdviceRequest): AdvicePlace[] {
  const heldIn = new Map(request.held.map(({ market_id, basis_points }) => [market_id, basis_points]));
  const funds = fundsOf(request);
  const markets = request.markets.flatMap((market) => {
    const currentBp = heldIn.get(market.market_id) ?? 0;
    if (currentBp === 0 && exclusionOf(market, request) !== undefined) return [];
    return [marketPlace(market, request, { currentBp, funds })];
  });
  const known = new Set(request.markets.map(({ market_id }) => market_id));
  const unplaced = request.held.filter(({ market_id }) => market_id === null || !known.has(market_id));
  const byProtocol = Map.groupBy(unplaced, ({ protocol }) => protocol);
  const wholes = [...byProtocol].map(([protocol, shares]) => {
    const unknown = { protocol, status: "active", apy: null, risk_score: null } as const;
    const figures = request.protocols.find((each) => each.protocol === protocol) ?? unknown;
    return protocolPlace(figures, request, sumOf(shares.map(({ basis_points }) => basis_points)));
  });
  return [...markets, ...wholes].sort((left, right) => (keyOf(left) < keyOf(right) ? -1 : 1));
}

function keyOf({ protocol, marketId }: AdvicePlace): string {
  return `${protocol}\n${marketId ?? ""}`;
}

/** The assets that are there to be placed; undefined when nobody says. */
function fundsOf({ wishes, markets, held }: AdviceRequest): ReadonlySet<string> | undefined {
  const heldIds = new Set(held.map(({ market_id }) => market_id));
  const inMarkets = markets.filter(({ market_id }) => heldIds.has(market_id));
  const assets = [
    ...(wishes.assets ?? []).map(sameAsset),
    ...inMarkets.flatMap(({ symbol }) => assetsOfSymbol(symbol)),
  ];
  return assets.length === 0 ? undefined : new Set(assets);
}

/** A default cap takes nothing away from a protocol that has more already; one that is asked for does, from what can leave. */
function protocolCapsOf(places: readonly AdvicePlace[], { wishes }: AdviceRequest): Map<string, number> {
  const caps = [...Map.groupBy(places, ({ protocol }) => protocol)].map(([protocol, own]) => {
    const staying = own.filter(({ exclusion }) => exclusion === undefined);
    const current = sumOf(staying.map(({ currentBp }) => currentBp));
    const locked = sumOf(staying.map(({ currentBp, isLocked }) => (isLocked ? currentBp : 0)));
    const { max_protocol_bp: asked } = wishes;
    const cap = asked === undefined ? Math.max(shareMaxDefaultBp, current) : Math.max(asked, locked);
    return [protocol, cap] as const;
  });
  return new Map(caps);
}

/** Why the present mix may not stay, whatever the tolerance. */
function lastingForcedMoves(
  places: readonly AdvicePlace[],
  caps: ReadonlyMap<string, number>,
  { wishes }: AdviceRequest,
): AdviceForcedMove[] {
  const held = places.filter(({ currentBp }) => currentBp > 0);
  const exits = held.flatMap(({ protocol, market, currentBp, exclusion }): AdviceForcedMove[] => {
    if (exclusion === undefined) return [];
    const what = market === null ? protocol : `${market.symbol} in ${protocol}`;
    const why = exclusionWords[exclusion] ?? "is not what you ask for";
    const sentence = `${what} ${why}, so its ${percent(currentBp)} must leave whether or not moving pays.`;
    return [{ cause: "exit", protocol, sentence }];
  });
  const markets = held
    .filter(({ currentBp, capBp, exclusion }) => exclusion === undefined && currentBp > capBp)
    .map(({ protocol, market, currentBp, capBp }): AdviceForcedMove => {
      const sentence = `${market?.symbol ?? "A market"} in ${protocol} holds ${percent(currentBp)}, above your limit of ${percent(capBp)} for one market.`;
      return { cause: "max_market", protocol, sentence };
    });
  const protocols = [...caps].flatMap(([protocol, cap]): AdviceForcedMove[] => {
    const own = held.filter((place) => place.protocol === protocol && place.exclusion === undefined);
    const total = sumOf(own.map(({ currentBp }) => currentBp));
    if (wishes.max_protocol_bp === undefined || total <= cap) return [];
    const sentence = `${protocol} holds ${percent(total)}, above your limit of ${percent(cap)} for one protocol.`;
    return [{ cause: "max_protocol", protocol, sentence }];
  });
  return [...exits, ...markets, ...protocols];
}

const exclusionWords: Readonly<Record<string, string>> = {
  paused: "is paused",
  deprecated: "is deprecated",
  exploited: "is exploited",
  not_preferred: "is not among the permitted protocols",
  other_asset: "is of other assets than you accept",
  not_stable: "is not of stable assets",
  several_assets: "is a pool of several assets",
};

function riskBreach(risk: number, maxRisk: number): AdviceForcedMove {
  const sentence = `The present portfolio risk of ${risk.toFixed(1)} is above the limit of ${maxRisk.toFixed(1)}.`;
  return { cause: "max_portfolio_risk", protocol: null, sentence };
}

/** Whole basis points within the caps; what is lost goes to the part that is not allocated. */
function roundedShares(
  places: readonly AdvicePlace[],
  { shares }: MarketSolution,
  { maxRisk, protocolCaps }: { readonly maxRisk: number; readonly protocolCaps: ReadonlyMap<string, number> },
): number[] {
  const unallocated = Math.max(0, wholeBp - sumOf(shares));
  const risks = [...places.map(({ risk }) => risk), 0];
  const rounded = roundShares([...shares, unallocated], risks, maxRisk).slice(0, places.length);
  // Two shares of one protocol may both have been rounded up.
  const totals = new Map<string, number>();
  for (const [index, { protocol }] of places.entries()) {
    totals.set(protocol, (totals.get(protocol) ?? 0) + (rounded[index] ?? 0));
  }
  for (const [index, { protocol }] of places.entries()) {
    const total = totals.get(protocol) ?? 0;
    if (total <= (protocolCaps.get(protocol) ?? wholeBp) || (rounded[index] ?? 0) <= (shares[index] ?? 0))
      continue;
    rounded[index] = (rounded[index] ?? 0) - 1;
    totals.set(protocol, total - 1);
  }
  return rounded;
}

function linesOf(
  places: readonly AdvicePlace[],
  shares: readonly number[],
  target: readonly number[],
): AdviceLine[] {
  const lines = places.flatMap((place, index): AdviceLine[] => {
    const basisPoints = shares[index] ?? 0;
    const targetBp = target[index] ?? 0;
    const { currentBp, market, apy, riskScore } = place;
    if (basisPoints === 0 && currentBp === 0 && targetBp === 0) return [];
    return [
      {
        protocol: place.protocol,
        market_id: place.marketId,
        basis_points: basisPoints,
        current_bp: currentBp,
        target_bp: targetBp,
        symbol: market?.symbol ?? null,
        chain: market?.chain ?? null,
        kind: market?.kind ?? null,
        assets: place.assets,
        stable: market === null ? null : isStable(place.assets),
        apy_base: market?.apy_base ?? null,
        apy_reward: market?.apy_reward ?? null,
        tvl_usd: market?.tvl_usd ?? null,
        utilization: market?.utilization ?? null,
        apy,
        risk_score: riskScore,
        impermanent_loss: place.loss,
        net_apy_at_zero: apy === null ? null : place.netApyAt(currentBp),
        net_apy_at_amount: apy === null ? null : place.netApyAt(basisPoints),
        net_apy_at_target: apy === null ? null : place.netApyAt(targetBp),
      },
    ];
  });
  return lines.toSorted(
    (left, right) => right.basis_points - left.basis_points || right.target_bp - left.target_bp,
  );
}

/** What falls out for other reasons than the holder's own wishes comes first. */
function excludedOf(request: AdviceRequest): MarketAdvice["excluded"] {
  return request.markets
    .flatMap((market) => {
      const reason = exclusionOf(market, request);
      const { market_id, protocol, symbol } = market;
      return reason === undefined ? [] : [{ market_id, protocol, symbol, reason }];
    })
    .sort((left, right) => (left.market_id < right.market_id ? -1 : 1));
}

/** What the figures leave out. */
function warningsOf(
  places: readonly AdvicePlace[],
  shares: readonly number[],
  areFundsUnknown: boolean,
): string[] {
  const used = places.filter((_, index) => (shares[index] ?? 0) > 0);
  const moving = [...new Set(used.flatMap(({ assets }) => assets))]
    .filter((asset) => !isStable([asset]))
    .sort();
  const warnings: string[] = [];
  if (areFundsUnknown && used.length > 0) {
    warnings.push(
      "Which assets you hold is not known: all are suggested alike, and exchanging one for another is not counted. State assets.",
    );
  }
  if (moving.length > 0) {
    warnings.push(
      `The yields are in the assets themselves; prices of ${moving.join(", ")} may move far more than that.`,
    );
  }
  if (used.some(({ loss }) => loss.assumed)) {
    warnings.push(
      "Impermanent loss is expected by an assumed volatility of the pair's class, because no feed has prices.",
    );
  }
  if (used.some(({ market }) => market !== null && market.tvl_usd === null)) {
    warnings.push(
      "The size of some markets is not known, so neither dilution nor exit liquidity is counted there.",
    );
  }
  return warnings;
}

function riskOf(places: readonly AdvicePlace[], shares: readonly number[]): number {
  return places.reduce((sum, { risk }, index) => sum + (shares[index] ?? 0) * risk, 0) / wholeBp;
}

function sumOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0);
}

function percent(basisPoints: number): string {
  return `${(basisPoints / 100).toFixed(1)} %`;
}

function assertRequest({ markets, held, amount_usd, holding_period_days }: AdviceRequest): void {
  const reject = (field: string, problem: string): never => {
    throw new AllocationError("invalid_request", `${field} ${problem}.`, { field });
  };
  if (new Set(markets.map(({ market_id }) => market_id)).size < markets.length)
    reject("markets", "appear twice");
  if (!(amount_usd > 0 && amount_usd <= 1e15)) reject("amount_usd", "must be a positive number");
  if (!(holding_period_days >= 1 && holding_period_days <= 3_650))
    reject("holding_period_days", "must be 1 to 3650");
  const total = sumOf(held.map(({ basis_points }) => basis_points));
  if (held.some(({ basis_points }) => !Number.isInteger(basis_points) || basis_points < 0) || total > wholeBp)
    reject("held", "must be whole basis points, 10000 at most");
  for (const { market_id, apy, risk_score } of markets) {
    const isSane =
      apy === null ||
      (apy.lower <= apy.value && apy.value <= apy.upper && Number.isFinite(apy.upper - apy.lower));
    if (!isSane || !(risk_score === null || (risk_score >= 0 && risk_score <= 100))) {
      reject(`markets.${market_id}`, "must have forecasts within their intervals and a risk of 0 to 100");
    }
  }
}
