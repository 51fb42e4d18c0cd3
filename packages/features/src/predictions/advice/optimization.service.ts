import {
  type AllocationShare,
  type ExcludedProtocol,
  type RebalanceSuggestion,
  type RunOptimizationInput,
  readPreferences,
} from "@obsqra/contract";
import type { DatabaseTransaction } from "@obsqra/db";
import type { AllocationAdvice, AllocationCandidate } from "@obsqra/ml";
import { limitsForTolerance } from "@obsqra/ml";
import {
  type Actor,
  AppError,
  assertRoom,
  type CreateId,
  defineCommand,
  type Emit,
  PlanOutdatedError,
  type StorageQuotas,
} from "@obsqra/platform";
import { allocationToBasisPoints, allocationToPercent } from "../../analytics/allocation.ts";
import { type ProtocolRow, refuseUnknown } from "../../market/protocols.service.ts";
import type { ForecastRow } from "../forecasts/forecasts.fragments.ts";
import { type FreshBasis, freshForecasts, getOptimizationBasis } from "../forecasts/forecasts.service.ts";
import type { OptimizationBasis } from "../forecasts/optimization-basis.queries.ts";
import type { ModelsDependencies } from "../models/models.service.ts";
import { adviceOf, movingCosts, toBindingLimits } from "./advice.ts";
import type { Optimizer } from "./optimizer.ts";
import { insertSuggestion, type NewSuggestionRow } from "./suggestions.queries.ts";

/** Whose allocation is optimised. */
type Advisee = Pick<Actor, "owner_id" | "plan" | "preferences">;

/** What optimising uses. */
export interface OptimizationDependencies extends ModelsDependencies {
  readonly actor: Advisee;
  readonly createId: CreateId;
  readonly optimizer: Optimizer;
  readonly storageQuotas: StorageQuotas;
}

/** So many markets are named behind each share. */
const marketsPerShare = 3;

/**
 * Optimises the user's allocation with the newest forecasts, keeps the suggestion and returns it.
 *
 * @throws AppError FORECASTS_NOT_READY, ALLOCATION_INFEASIBLE, ALLOCATION_INVALID, PROTOCOL_UNKNOWN, STORAGE_FULL
 */
export const runOptimization = defineCommand({
  plan: (deps: OptimizationDependencies, input: RunOptimizationInput) => planSuggestion(deps, input),
  write: async (trx, planned, emit) => {
    await keepSuggestion(trx, planned, emit);
    return planned.suggestion;
  },
});

/**
 * Stores a suggestion and tells of it.
 *
 * @param isUnasked whether the service has made it of its own accord
 * @throws PlanOutdatedError when somebody has decided about a protocol meanwhile; AppError STORAGE_FULL
 */
export async function keepSuggestion(
  trx: DatabaseTransaction,
  { suggestion, row, statuses, quotaBytes }: PlannedSuggestion,
  emit: Emit,
  isUnasked = false,
): Promise<void> {
  const stored = await insertSuggestion(trx, row, statuses);
  // A protocol that was marked as exploited meanwhile must not be advised.
  if (stored === undefined) throw new PlanOutdatedError();
  assertRoom(quotaBytes, stored.stored_bytes);
  const { id, outcome } = suggestion;
  const payload = { outcome, ...(isUnasked && { unasked: true as const }) };
  emit({ type: "suggestion.made", subject: id, owner_id: row.owner_id, payload });
}

/** A suggestion that is made and not stored yet. */
export interface PlannedSuggestion {
  readonly suggestion: RebalanceSuggestion;
  /** What is held as far as logged or stated, in basis points; null when nothing was. */
  readonly current: Readonly<Record<string, number>> | null;
  readonly row: NewSuggestionRow;
  /** Those that the suggestion rests on. */
  readonly statuses: readonly Pick<ProtocolRow, "name" | "status">[];
  readonly quotaBytes: number;
}

/**
 * Makes a suggestion from the newest forecasts.
 *
 * @throws AppError FORECASTS_NOT_READY, ALLOCATION_INFEASIBLE, ALLOCATION_INVALID, PROTOCOL_UNKNOWN
 */
export async function planSuggestion(
  deps: OptimizationDependencies,
  input: RunOptimizationInput,
): Promise<PlannedSuggestion> {
  const preferences = readPreferences(deps.actor.preferences);
  const riskTolerance = input.risk_tolerance ?? preferences.risk_tolerance;
  const basis = await getOptimizationBasis(deps, marketsPerShare);
  const { protocols } = basis;
  const current = toCurrentAllocation(input, basis);
  const forecasts = freshForecasts(deps, basis);
  assertHoldingsHaveForecasts(protocols, current, forecasts);
  const result = adviceOf(
    await deps.optimizer.optimize(deps.actor.owner_id, {
      candidates: toCandidates(protocols, forecasts),
      preferred: preferences.preferred_protocols,
      current,
      limits: limitsForTolerance(riskTolerance),
      costs: movingCosts,
      rebalance_threshold_bp: Math.round(preferences.rebalance_threshold * 100),
    }),
  );
  // The optimiser describes the move to its target, also when it advises against that move.
  const holds = result.outcome === "hold";
  const suggestion: RebalanceSuggestion = {
    id: deps.createId(),
    created_at: deps.clock().toISOString(),
    outcome: result.outcome,
    allocation: allocationToPercent(result.allocation_bp),
    shares: toShares({ result, current, forecasts, largestMarkets: basis.largest_markets }),
    risk_tolerance: riskTolerance,
    reason: result.reason,
    expected_improvement: result.expected_improvement,
    expected_apy_before: current === null ? null : result.expected_apy_before,
    expected_apy_after: result.expected_apy_after,
    portfolio_risk: holds ? result.portfolio_risk_before : result.portfolio_risk_after,
    turnover_percent: holds ? 0 : result.turnover_bp / 100,
    confidence: result.confidence,
    binding_limits: toBindingLimits(result),
    excluded: [...result.excluded, ...withoutForecasts(basis, forecasts)]
      .map(({ protocol, reason }) => ({ protocol, reason }))
      .sort((left, right) => (left.protocol < right.protocol ? -1 : 1)),
    model_versions: { risk: forecasts.risk.version, yield: forecasts.yield.version },
    data_source: forecasts.data_source,
  };
  const row = {
    id: suggestion.id,
    owner_id: deps.actor.owner_id,
    outcome: suggestion.outcome,
    allocation_bp: JSON.stringify(result.allocation_bp),
    answer: JSON.stringify(suggestion),
    created_at: new Date(suggestion.created_at),
  };
  return { suggestion, current, row, statuses: protocols, quotaBytes: deps.storageQuotas[deps.actor.plan] };
}

/** What the caller says that they hold, or else what they hold as far as logged; null when nothing was. */
function toCurrentAllocation(
  { current_allocation: stated }: RunOptimizationInput,
  { protocols, latest_allocation }: OptimizationBasis,
): Record<string, number> | null {
  if (stated === undefined) return latest_allocation?.allocation_bp ?? null;
  refuseUnknown(
    Object.keys(stated),
    protocols.map(({ name }) => name),
  );
  return allocationToBasisPoints(stated);
}

/** Without a forecast for what is held, staying cannot be compared with moving; leaving must not be what is advised. */
function assertHoldingsHaveForecasts(
  protocols: readonly ProtocolRow[],
  current: Readonly<Record<string, number>> | null,
  forecasts: FreshBasis,
): void {
  const blind = protocols.filter(
    ({ name, status }) => status === "active" && (current?.[name] ?? 0) > 0 && !hasForecasts(forecasts, name),
  );
  if (blind.length === 0) return;
  const names = blind.map(({ name }) => name).join(", ");
  throw new AppError("ALLOCATION_INVALID", {
    reason: `it holds ${names}, for which there is no current forecast; to optimise the rest, pass it as current_allocation`,
  });
}

/** Protocols that may hold money, and those that may not but are known, so that the suggestion can say why. */
function toCandidates(protocols: readonly ProtocolRow[], forecasts: FreshBasis): AllocationCandidate[] {
  return protocols
    .filter(({ name, status }) => status !== "active" || hasForecasts(forecasts, name))
    .map(({ name, status }) =>
      toCandidate(
        { name, status },
        forecasts.risk.byProtocol.get(name),
        forecasts.yield.byProtocol.get(name),
      ),
    );
}

/** The active protocols on which nothing is advised, and what is missing of them. */
function withoutForecasts(basis: OptimizationBasis, forecasts: FreshBasis): ExcludedProtocol[] {
  const isForecast = (rows: readonly ForecastRow[], name: string) =>
    rows.some(({ protocol }) => protocol === name);
  const missingOf = (name: string) => {
    if (!isForecast(basis.yield, name)) return "no_forecast";
    return isForecast(basis.risk, name) ? "stale_forecast" : "no_risk_forecast";
  };
  return basis.protocols
    .filter(({ name, status }) => status === "active" && !hasForecasts(forecasts, name))
    .map(({ name }) => ({ protocol: name, reason: missingOf(name) }));
}

function hasForecasts(forecasts: FreshBasis, protocol: string): boolean {
  return forecasts.risk.byProtocol.has(protocol) && forecasts.yield.byProtocol.has(protocol);
}

function toCandidate(
  protocol: { readonly name: string; readonly status: AllocationCandidate["status"] },
  risk: ForecastRow | undefined,
  apy: ForecastRow | undefined,
): AllocationCandidate {
  return {
    protocol: protocol.name,
    status: protocol.status,
    expected_apy: apy?.value ?? null,
    expected_apy_lower: apy?.lower ?? null,
    expected_apy_upper: apy?.upper ?? null,
    interval_level: apy?.interval_level ?? 0.9,
    risk_score: risk?.value ?? null,
  };
}

function toShares(facts: {
  readonly result: AllocationAdvice;
  readonly current: Record<string, number> | null;
  readonly forecasts: FreshBasis;
  readonly largestMarkets: OptimizationBasis["largest_markets"];
}): AllocationShare[] {
  const { result, current, forecasts } = facts;
  const protocols = Object.keys({ ...result.allocation_bp, ...current }).sort();
  const symbols = new Map(Object.entries(facts.largestMarkets));
  return protocols.map((protocol) => {
    const basisPoints = result.allocation_bp[protocol] ?? 0;
    return {
      protocol,
      basis_points: basisPoints,
      percent: basisPoints / 100,
      current_percent: (current?.[protocol] ?? 0) / 100,
      expected_apy: forecasts.yield.byProtocol.get(protocol)?.value ?? null,
      risk_score: forecasts.risk.byProtocol.get(protocol)?.value ?? null,
      markets: [...(symbols.get(protocol) ?? [])],
    };
  });
}
