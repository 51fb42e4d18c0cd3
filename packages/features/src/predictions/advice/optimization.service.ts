import {
  type ExcludedProtocol,
  type Preferences,
  type RebalanceSuggestion,
  type RunOptimizationInput,
  readPreferences,
  suggestionReceiptPath,
} from "@obsqra/contract";
import type { DatabaseTransaction } from "@obsqra/db";
import { adviceRequest, type HeldShare } from "@obsqra/ml";
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
import { allocationToPercent } from "../../analytics/allocation.ts";
import { dateToDay, dayToDate } from "../../market/market-days.ts";
import type { ProtocolRow } from "../../market/protocols.service.ts";
import { insertArtefacts } from "../forecasts/artefacts.queries.ts";
import type { ForecastRow } from "../forecasts/forecasts.fragments.ts";
import { type FreshBasis, freshForecasts, getOptimizationBasis } from "../forecasts/forecasts.service.ts";
import type { OptimizationBasis } from "../forecasts/optimization-basis.queries.ts";
import type { ModelsDependencies } from "../models/models.service.ts";
import { toAdviceBasis, toMadeFrom, toWishes } from "./advice-question.ts";
import { toCountedGas, toRequestGas } from "./counted-gas.ts";
import type { GasQuotes } from "./gas-quotes.ts";
import { toHoldings } from "./holdings.service.ts";
import type { Optimizer } from "./optimizer.ts";
import { type PublishedBasis, publishBasis } from "./publish-basis.ts";
import {
  assumedAmount,
  toAllocationBp,
  toBasisPoints,
  toExcludedMarkets,
  toShares,
  toSuggestionLimits,
} from "./suggested-shares.ts";
import { insertSuggestion, type NewSuggestionRow } from "./suggestions.queries.ts";

/** Whose allocation is optimised. */
type Advisee = Pick<Actor, "owner_id" | "plan" | "preferences">;

/** What optimising uses. */
export interface OptimizationDependencies extends ModelsDependencies {
  readonly actor: Advisee;
  readonly createId: CreateId;
  readonly gasQuotes: Pick<GasQuotes, "current">;
  readonly optimizer: Optimizer;
  readonly publishSnapshots: boolean;
  readonly storageQuotas: StorageQuotas;
}

/** So many markets are looked at, the largest first. */
const marketsMax = 2_000;

/**
 * Optimises the user's allocation with the newest forecasts, keeps the suggestion and returns it.
 *
 * @throws AppError FORECASTS_NOT_READY, ALLOCATION_INVALID, PROTOCOL_UNKNOWN, STORAGE_FULL
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
  { suggestion, row, statuses, quotaBytes, artefacts }: PlannedSuggestion,
  emit: Emit,
  isUnasked = false,
): Promise<void> {
  const stored = await insertSuggestion(trx, row, statuses);
  // A protocol that was marked as exploited meanwhile must not be advised.
  if (stored === undefined) throw new PlanOutdatedError();
  assertRoom(quotaBytes, stored.stored_bytes);
  await insertArtefacts(trx, artefacts);
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
  readonly artefacts: PublishedBasis["artefacts"];
}

/**
 * Makes a suggestion from the newest forecasts.
 *
 * @throws AppError FORECASTS_NOT_READY, ALLOCATION_INVALID, PROTOCOL_UNKNOWN
 */
export async function planSuggestion(
  deps: OptimizationDependencies,
  input: RunOptimizationInput,
): Promise<PlannedSuggestion> {
  const preferences = { ...readPreferences(deps.actor.preferences), ...input };
  const basis = await getOptimizationBasis(deps, marketsMax);
  const { protocols } = basis;
  const holdings = toHoldings(input, basis);
  const forecasts = freshForecasts(deps, basis);
  assertHoldingsHaveForecasts(protocols, holdings.shares, forecasts);
  const amount = preferences.amount ?? assumedAmount;
  const horizonDays = preferences.horizon_days ?? forecasts.yield.horizon_days;
  const adviceBasis = toAdviceBasis(protocols, forecasts);
  const published = await publishBasis(deps, adviceBasis);
  const quotes = deps.gasQuotes.current();
  const own = {
    held: holdings.shares,
    wishes: toWishes(preferences),
    tolerance: preferences.risk_tolerance,
    amount_usd: Number(amount),
    holding_period_days: horizonDays,
    rebalance_threshold_bp: toBasisPoints(preferences.rebalance_threshold),
    gas: toRequestGas(quotes),
  };
  const advice = await deps.optimizer.advise(deps.actor.owner_id, adviceRequest(adviceBasis, own));
  const isInvested = holdings.byProtocol !== null;
  // The advice describes the move to its target, also when it is against that move.
  const holds = advice.outcome === "hold";
  const allocationBp = toAllocationBp(advice);
  const targetAt = dayToDate(dateToDay(forecasts.as_of) + horizonDays);
  const id = deps.createId();
  const suggestion: RebalanceSuggestion = {
    id,
    created_at: deps.clock().toISOString(),
    as_of: forecasts.as_of.toISOString(),
    target_at: targetAt.toISOString(),
    outcome: advice.outcome,
    forced: advice.forced_moves.length > 0,
    allocation: allocationToPercent(allocationBp),
    shares: toShares(advice, { amount, forecasts }),
    risk_tolerance: preferences.risk_tolerance,
    reason: advice.reason,
    expected_improvement: advice.expected_improvement,
    expected_apy_before: isInvested ? advice.expected_apy_before : null,
    expected_apy_after: advice.expected_apy_after,
    portfolio_risk: holds ? advice.portfolio_risk_before : advice.portfolio_risk_after,
    turnover_percent: holds ? 0 : advice.turnover_bp / 100,
    confidence: advice.confidence,
    improvement_interval: advice.improvement_interval,
    unallocated_reason: advice.unallocated_reason,
    amount,
    amount_assumed: preferences.amount === null,
    costs: {
      gas: advice.gas_usd.toFixed(2),
      ...toCountedGas(advice, { markets: adviceBasis.markets, quotes }),
      exchange: advice.swap_usd.toFixed(2),
      assumed: true,
      annual: advice.annual_cost,
      break_even_days: advice.break_even_days,
      horizon_days: horizonDays,
    },
    warnings: [...advice.warnings],
    excluded_markets: toExcludedMarkets(advice),
    optimality_gap: advice.optimality_gap,
    binding_limits: toSuggestionLimits(advice),
    excluded: toExcludedProtocols(basis, { forecasts, held: holdings.shares, preferences }),
    model_versions: { risk: forecasts.risk.version, yield: forecasts.yield.version },
    data_source: forecasts.data_source,
    made_from: toMadeFrom({ ...own, quotes }, published, forecasts),
    receipt: suggestionReceiptPath(id),
  };
  const row = {
    id: suggestion.id,
    owner_id: deps.actor.owner_id,
    outcome: suggestion.outcome,
    allocation_bp: JSON.stringify(allocationBp),
    answer: JSON.stringify(suggestion),
    created_at: new Date(suggestion.created_at),
    due_at: targetAt,
  };
  return {
    suggestion,
    current: holdings.byProtocol,
    row,
    statuses: protocols,
    quotaBytes: deps.storageQuotas[deps.actor.plan],
    artefacts: published.artefacts,
  };
}

/** Without a forecast for what is held, staying cannot be compared with moving; leaving must not be what is advised. */
function assertHoldingsHaveForecasts(
  protocols: readonly ProtocolRow[],
  shares: readonly HeldShare[],
  forecasts: FreshBasis,
): void {
  const held = new Set(shares.filter(({ market_id }) => market_id === null).map(({ protocol }) => protocol));
  const blind = protocols.filter(
    ({ name, status }) => status === "active" && held.has(name) && !hasForecasts(forecasts, name),
  );
  if (blind.length === 0) return;
  const names = blind.map(({ name }) => name).join(", ");
  throw new AppError("ALLOCATION_INVALID", {
    reason: `it holds ${names}, for which there is no current forecast; to optimise the rest, pass it as current_allocation`,
  });
}

function hasForecasts(forecasts: FreshBasis, protocol: string): boolean {
  return forecasts.risk.byProtocol.has(protocol) && forecasts.yield.byProtocol.has(protocol);
}

/** The protocols on which nothing is advised, by name, and why. */
function toExcludedProtocols(
  basis: OptimizationBasis,
  facts: {
    readonly forecasts: FreshBasis;
    readonly held: readonly HeldShare[];
    readonly preferences: Preferences;
  },
): ExcludedProtocol[] {
  const { preferred_protocols: preferred } = facts.preferences;
  const held = new Set(facts.held.map(({ protocol }) => protocol));
  const isForecast = (rows: readonly ForecastRow[], name: string) =>
    rows.some(({ protocol }) => protocol === name);
  const reasonOf = ({ name, status }: ProtocolRow) => {
    if (status !== "active") return status;
    if (preferred.length > 0 && !preferred.includes(name) && held.has(name)) return "not_a_candidate";
    if (hasForecasts(facts.forecasts, name)) return undefined;
    if (!isForecast(basis.yield, name)) return "no_forecast";
    return isForecast(basis.risk, name) ? "stale_forecast" : "no_risk_forecast";
  };
  return basis.protocols.flatMap((protocol) => {
    const reason = reasonOf(protocol);
    return reason === undefined ? [] : [{ protocol: protocol.name, reason }];
  });
}
