import {
  readPreferences,
  unallocatedName,
  type WhatIf,
  type WhatIfInput,
  type WhatIfProtocol,
  whatIfMarketId,
} from "@obsqra/contract";
import type { Database } from "@obsqra/db";
import { isTakenAtWord, limitsForTolerance, type MarketAdvice, type MarketCandidate } from "@obsqra/ml";
import { type Actor, AppError, defineCommand } from "@obsqra/platform";
import { type RiskComponents, type RiskMetrics, riskComponents, riskScore } from "@obsqra/starknet";
import { allocationToBasisPoints, allocationToPercent } from "../../analytics/allocation.ts";
import { getProtocols } from "../../market/protocols.service.ts";
import { toCountedGas, toRequestGas } from "./counted-gas.ts";
import type { GasQuotes } from "./gas-quotes.ts";
import { type Holdings, toHoldingsByMarket } from "./holdings.service.ts";
import type { Optimizer } from "./optimizer.ts";
import { assumedAmount, toAllocationBp, toBasisPoints, toSuggestionLimits } from "./suggested-shares.ts";
import { toWhatIfShares } from "./what-if-shares.ts";

/** What a what-if uses: preferences and the registry. */
export interface WhatIfDependencies {
  readonly db: Database;
  readonly actor: Actor;
  readonly gasQuotes: Pick<GasQuotes, "current">;
  readonly optimizer: Optimizer;
}

/** A market of the question with the score of its metrics. */
export interface ScoredMarket extends Omit<WhatIfProtocol, "market_id"> {
  readonly marketId: string;
  /** Whether the question gives the market an id of its own. */
  readonly isNamed: boolean;
  readonly riskScore: number;
  readonly riskComponents: RiskComponents;
}

/** So long the new mix is held where nobody says. */
const holdingPeriodDays = 30;
/** The default cap of the optimiser. */
const maxShareDefault = 50;

/**
 * Optimises over the metrics and APYs of the input, and stores nothing.
 *
 * @throws AppError ALLOCATION_INVALID
 */
export const askWhatIf = defineCommand({
  plan: (deps: WhatIfDependencies, input: WhatIfInput) => suppose(deps, input),
  write: async (_trx, planned) => planned,
});

async function suppose(deps: WhatIfDependencies, input: WhatIfInput): Promise<WhatIf> {
  const preferences = readPreferences(deps.actor.preferences);
  const riskTolerance = input.risk_tolerance ?? preferences.risk_tolerance;
  const markets = input.protocols.map(scoreMarket);
  const holdings = toHoldings(input, markets);
  const amount = input.amount ?? preferences.amount ?? assumedAmount;
  const {
    max_share: maxShare,
    max_chain_share: maxChain = null,
    max_portfolio_risk: maxRisk,
  } = input.limits ?? {};
  const costs = {
    moving_cost_bp: input.costs?.moving_cost_bp ?? null,
    holding_period_days: input.costs?.holding_period_days ?? preferences.horizon_days ?? holdingPeriodDays,
    rebalance_threshold: input.costs?.rebalance_threshold ?? preferences.rebalance_threshold,
  };
  // What is stated takes the place of all that is read.
  const quotes = costs.moving_cost_bp === null ? deps.gasQuotes.current() : [];
  const request = {
    markets: markets.map(toCandidate),
    protocols: [],
    held: holdings.shares,
    wishes: {
      assets: input.assets?.length ? input.assets : undefined,
      // What is held elsewhere has to leave.
      protocols: [...new Set(markets.map(({ protocol }) => protocol))],
      max_protocol_bp: maxShare && toBasisPoints(maxShare),
      max_market_bp: maxShare && toBasisPoints(maxShare),
      max_chain_bp: maxChain === null ? undefined : toBasisPoints(maxChain),
      max_portfolio_risk: maxRisk,
    },
    tolerance: riskTolerance,
    amount_usd: Number(amount),
    holding_period_days: costs.holding_period_days,
    rebalance_threshold_bp: toBasisPoints(costs.rebalance_threshold),
    apys: "stated" as const,
    moving_cost_bp: costs.moving_cost_bp ?? undefined,
    gas: toRequestGas(quotes),
  };
  const advice = await deps.optimizer.advise(deps.actor.owner_id, request);
  const isInvested = holdings.byProtocol !== null;
  const countedGas = toCountedGas(advice, { markets: request.markets, quotes });
  const isDoubtKnown = !isTakenAtWord(request);
  return {
    outcome: advice.outcome,
    allocation: allocationToPercent(toAllocationBp(advice)),
    target_allocation: allocationToPercent(toAllocationBp(targetOf(advice))),
    shares: toWhatIfShares(advice, { markets, held: holdings.shares, amount }),
    reason: advice.reason,
    unallocated_reason: advice.unallocated_reason,
    expected_improvement: advice.expected_improvement,
    improvement_interval: isDoubtKnown ? advice.improvement_interval : null,
    expected_apy_before: isInvested ? advice.expected_apy_before : null,
    expected_apy_after: advice.expected_apy_after,
    portfolio_risk_before: isInvested ? advice.portfolio_risk_before : null,
    portfolio_risk_after: advice.portfolio_risk_after,
    turnover_percent: advice.turnover_bp / 100,
    amount,
    cost_bp: ((advice.gas_usd + advice.swap_usd) / Number(amount)) * 10_000,
    annual_cost: advice.annual_cost,
    break_even_days: advice.break_even_days,
    confidence: isDoubtKnown ? advice.confidence : null,
    optimality_gap: advice.optimality_gap,
    binding_limits: toSuggestionLimits(advice),
    excluded: toExcluded(advice, { markets, holdings }),
    warnings: [...(await listWarnings(deps, markets)), ...advice.warnings],
    risk_tolerance: riskTolerance,
    limits: {
      max_share: maxShare ?? maxShareDefault,
      max_chain_share: maxChain,
      max_portfolio_risk: maxRisk ?? limitsForTolerance(riskTolerance).max_portfolio_risk,
    },
    costs: {
      ...costs,
      ...countedGas,
      gas_source: costs.moving_cost_bp === null ? countedGas.gas_source : null,
      gas: [...quotes],
    },
  };
}

/** The advice as it would be if the best mix were always moved to. */
function targetOf(advice: MarketAdvice): MarketAdvice {
  return {
    ...advice,
    lines: advice.lines.map((line) => ({ ...line, basis_points: line.target_bp })),
    unallocated_bp: advice.target_unallocated_bp,
  };
}

function scoreMarket(asked: WhatIfProtocol): ScoredMarket {
  const { market_id, ...market } = asked;
  const { utilization, volatility, ...others } = market.metrics;
  const metrics: RiskMetrics = {
    ...others,
    utilization_bp: Math.round((utilization ?? 0) * 10_000),
    volatility_bp: Math.round(volatility * 100),
  };
  return {
    ...market,
    marketId: whatIfMarketId(asked),
    isNamed: market_id !== undefined,
    riskScore: riskScore(metrics),
    riskComponents: riskComponents(metrics),
  };
}

/** Without an interval the APY counts as certain, so that it is taken at its word. */
function toCandidate(market: ScoredMarket): MarketCandidate {
  const { apy, apy_interval: interval, metrics } = market;
  return {
    market_id: market.marketId,
    protocol: market.protocol,
    chain: market.chain,
    symbol: market.symbol ?? "",
    kind: metrics.utilization === null ? "dex" : "lending",
    status: market.status,
    frozen: false,
    apy_base: null,
    apy_reward: null,
    tvl_usd: market.tvl_usd ?? null,
    utilization: metrics.utilization,
    apy: {
      value: apy,
      lower: interval?.lower ?? apy,
      upper: interval?.upper ?? apy,
      level: interval?.level ?? 0.9,
    },
    risk_score: market.riskScore,
    stale: false,
  };
}

/** @throws AppError ALLOCATION_INVALID */
function toHoldings(input: WhatIfInput, markets: readonly ScoredMarket[]): Holdings {
  const { current_allocation: byProtocol, current_markets: byMarket } = input;
  if (byMarket !== undefined) {
    if (byProtocol !== undefined)
      throw invalid("it is stated twice; give current_allocation or current_markets");
    return toHoldingsByMarket(
      byMarket,
      new Map(markets.map(({ marketId, protocol }) => [marketId, protocol])),
    );
  }
  if (byProtocol === undefined) return { byProtocol: null, shares: [] };
  const inBasisPoints = allocationToBasisPoints(byProtocol);
  const shares = Object.entries(inBasisPoints)
    .filter(([protocol, basisPoints]) => protocol !== unallocatedName && basisPoints > 0)
    .map(([protocol, basis_points]) => {
      const own = markets.filter((market) => market.protocol === protocol);
      if (own.length > 1)
        throw invalid(`you name several markets of ${protocol}; say in current_markets what is in which`);
      return { protocol, market_id: own[0]?.marketId ?? null, basis_points };
    });
  return { byProtocol: inBasisPoints, shares };
}

function invalid(reason: string): AppError<"ALLOCATION_INVALID"> {
  return new AppError("ALLOCATION_INVALID", { reason });
}

function toExcluded(
  advice: MarketAdvice,
  { markets, holdings }: { readonly markets: readonly ScoredMarket[]; readonly holdings: Holdings },
): WhatIf["excluded"] {
  const named = new Map(markets.map(({ marketId, isNamed }) => [marketId, isNamed]));
  const asked = advice.excluded.map(({ protocol, market_id, reason }) => ({
    protocol,
    market_id: named.get(market_id) ? market_id : null,
    reason,
  }));
  const unknown = holdings.shares
    .filter(({ market_id }) => market_id === null)
    .map(({ protocol }) => ({ protocol, market_id: null, reason: "not_a_candidate" }));
  return [...asked, ...unknown].sort((left, right) => (left.protocol < right.protocol ? -1 : 1));
}

/** Protocols that the question takes as active and the registry does not. */
async function listWarnings(deps: WhatIfDependencies, markets: readonly ScoredMarket[]): Promise<string[]> {
  const asked = new Set(markets.filter(({ status }) => status === "active").map(({ protocol }) => protocol));
  const registry = await getProtocols(deps);
  return registry
    .filter(({ name, status }) => status !== "active" && asked.has(name))
    .map(
      ({ name, status }) =>
        `${name} is ${status} in the registry: here it counts as active, as the question says; run_optimization never gives it money.`,
    );
}
