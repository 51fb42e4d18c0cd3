import { readPreferences, type WhatIf, type WhatIfInput, type WhatIfProtocol } from "@obsqra/contract";
import type { Database } from "@obsqra/db";
import type { AllocationAdvice, AllocationCandidate, AllocationLimits } from "@obsqra/ml";
import { limitsForTolerance } from "@obsqra/ml";
import { type Actor, defineCommand } from "@obsqra/platform";
import { type RiskComponents, type RiskMetrics, riskComponents, riskScore } from "@obsqra/starknet";
import { allocationToBasisPoints, allocationToPercent } from "../../analytics/allocation.ts";
import { getProtocols } from "../../market/protocols.service.ts";
import { adviceOf, movingCosts, toBindingLimits } from "./advice.ts";
import type { Optimizer } from "./optimizer.ts";

/** What a what-if uses: preferences and the registry. */
export interface WhatIfDependencies {
  readonly db: Database;
  readonly actor: Actor;
  readonly optimizer: Optimizer;
}

/** A protocol of the question with the score of its metrics. */
interface ScoredProtocol extends WhatIfProtocol {
  readonly riskScore: number;
  readonly riskComponents: RiskComponents;
}

/**
 * Optimises over the metrics and APYs of the input, and stores nothing.
 *
 * @throws AppError ALLOCATION_INFEASIBLE, ALLOCATION_INVALID
 */
export const askWhatIf = defineCommand({
  plan: (deps: WhatIfDependencies, input: WhatIfInput) => suppose(deps, input),
  write: async (_trx, planned) => planned,
});

async function suppose(deps: WhatIfDependencies, input: WhatIfInput): Promise<WhatIf> {
  const preferences = readPreferences(deps.actor.preferences);
  const riskTolerance = input.risk_tolerance ?? preferences.risk_tolerance;
  const current =
    input.current_allocation === undefined ? null : allocationToBasisPoints(input.current_allocation);
  const limits = toLimits(limitsForTolerance(riskTolerance), input.limits);
  const costs = {
    moving_cost_bp: input.costs?.moving_cost_bp ?? movingCosts.cost_bp,
    holding_period_days: input.costs?.holding_period_days ?? movingCosts.holding_period_days,
    rebalance_threshold: input.costs?.rebalance_threshold ?? preferences.rebalance_threshold,
  };
  const protocols = input.protocols.map(scoreProtocol);
  const advice = adviceOf(
    await deps.optimizer.optimize(deps.actor.owner_id, {
      candidates: protocols.map(toCandidate),
      current,
      limits,
      costs: { cost_bp: costs.moving_cost_bp, holding_period_days: costs.holding_period_days },
      rebalance_threshold_bp: Math.round(costs.rebalance_threshold * 100),
    }),
  );
  return {
    outcome: advice.outcome,
    allocation: allocationToPercent(advice.allocation_bp),
    target_allocation: allocationToPercent(advice.target_bp),
    shares: toShares(protocols, advice, current),
    reason: advice.reason,
    expected_improvement: advice.expected_improvement,
    expected_apy_before: current === null ? null : advice.expected_apy_before,
    expected_apy_after: advice.expected_apy_after,
    portfolio_risk_before: current === null ? null : advice.portfolio_risk_before,
    portfolio_risk_after: advice.portfolio_risk_after,
    turnover_percent: advice.turnover_bp / 100,
    cost_bp: advice.cost_bp,
    annual_cost: advice.annual_cost,
    confidence: protocols.every(isUncertaintyKnown) ? advice.confidence : null,
    optimality_gap: advice.optimality_gap,
    binding_limits: toBindingLimits(advice),
    excluded: [...advice.excluded],
    warnings: await listWarnings(deps, protocols),
    risk_tolerance: riskTolerance,
    limits: {
      max_share: limits.max_single_bp / 100,
      min_diversification: limits.min_diversification,
      max_portfolio_risk: limits.max_portfolio_risk,
    },
    costs,
  };
}

function toLimits(usual: AllocationLimits, wanted: WhatIfInput["limits"] = {}): AllocationLimits {
  const { max_share, min_diversification, max_portfolio_risk } = wanted;
  return {
    ...usual,
    max_single_bp: max_share === undefined ? usual.max_single_bp : Math.round(max_share * 100),
    min_diversification: min_diversification ?? usual.min_diversification,
    max_portfolio_risk: max_portfolio_risk ?? usual.max_portfolio_risk,
  };
}

function scoreProtocol(protocol: WhatIfProtocol): ScoredProtocol {
  const { utilization, volatility, ...others } = protocol.metrics;
  const metrics: RiskMetrics = {
    ...others,
    utilization_bp: Math.round((utilization ?? 0) * 10_000),
    volatility_bp: Math.round(volatility * 100),
  };
  return { ...protocol, riskScore: riskScore(metrics), riskComponents: riskComponents(metrics) };
}

/** Without an interval the forecast counts as certain, so that the optimiser takes it at its word. */
function toCandidate({
  protocol,
  status,
  apy,
  apy_interval,
  riskScore,
}: ScoredProtocol): AllocationCandidate {
  return {
    protocol,
    status,
    expected_apy: apy,
    expected_apy_lower: apy_interval?.lower ?? apy,
    expected_apy_upper: apy_interval?.upper ?? apy,
    interval_level: apy_interval?.level ?? 0.9,
    risk_score: riskScore,
  };
}

function toShares(
  protocols: readonly ScoredProtocol[],
  { allocation_bp, target_bp }: AllocationAdvice,
  current: Readonly<Record<string, number>> | null,
): WhatIf["shares"] {
  const asked = new Map(protocols.map((each) => [each.protocol, each]));
  const allocated = reader(allocation_bp);
  const target = reader(target_bp);
  const held = reader(current ?? {});
  const names = [...new Set([...asked.keys(), ...Object.keys(current ?? {})])].sort();
  return names.map((protocol) => {
    const known = asked.get(protocol);
    const basisPoints = allocated(protocol);
    return {
      protocol,
      basis_points: basisPoints,
      percent: basisPoints / 100,
      target_basis_points: target(protocol),
      current_percent: held(protocol) / 100,
      apy: known?.apy ?? null,
      risk_score: known?.riskScore ?? null,
      risk_components: known?.riskComponents ?? null,
    };
  });
}

/** Reads shares by name; never as members of an object, since a protocol may be called `constructor`. */
function reader(shares: Readonly<Record<string, number>>): (protocol: string) => number {
  const byName = new Map(Object.entries(shares));
  return (protocol) => byName.get(protocol) ?? 0;
}

function isUncertaintyKnown({ status, apy_interval }: ScoredProtocol): boolean {
  return status !== "active" || apy_interval !== undefined;
}

/** Protocols that the question takes as active and the registry does not. */
async function listWarnings(
  deps: WhatIfDependencies,
  protocols: readonly ScoredProtocol[],
): Promise<string[]> {
  const asked = new Set(
    protocols.filter(({ status }) => status === "active").map(({ protocol }) => protocol),
  );
  const registry = await getProtocols(deps);
  return registry
    .filter(({ name, status }) => status !== "active" && asked.has(name))
    .map(
      ({ name, status }) =>
        `${name} is ${status} in the registry: here it counts as active, as the question says; run_optimization never gives it money.`,
    );
}
