import {
  type AllocationShare,
  marketExclusions,
  type RebalanceSuggestion,
  type SuggestedMarket,
  unallocatedName,
} from "@obsqra/contract";
import type { AdviceLine, MarketAdvice } from "@obsqra/ml";
import type { FreshBasis } from "../forecasts/forecasts.service.ts";
import { fromCents, sharesInCents, toCents } from "./usd-amounts.ts";

const wholeBp = 10_000;

/** What to hold by protocol, in basis points, with what is unallocated under that name. */
export function toAllocationBp({ lines, unallocated_bp }: MarketAdvice): Record<string, number> {
  const byProtocol: Record<string, number> = {};
  for (const { protocol, basis_points } of lines) {
    if (basis_points > 0) byProtocol[protocol] = (byProtocol[protocol] ?? 0) + basis_points;
  }
  if (unallocated_bp > 0) byProtocol[unallocatedName] = unallocated_bp;
  return byProtocol;
}

/**
 * The shares as responses show them, by protocol, with what to do in each market under it.
 *
 * @param amount - US dollars of the whole portfolio
 */
export function toShares(
  advice: MarketAdvice,
  { amount, forecasts }: { readonly amount: string; readonly forecasts: FreshBasis },
): AllocationShare[] {
  const { lines, unallocated, isPartUnallocated } = sharesByTime(advice, amount);
  const markets = lines.map(({ line, ...cents }) => ({
    protocol: line.protocol,
    line,
    market: toMarket(line, cents),
  }));
  const shares = [...Map.groupBy(markets, ({ protocol }) => protocol)].map(
    ([protocol, own]): AllocationShare => {
      const basisPoints = sumOf(own.map(({ line }) => line.basis_points));
      const weighted = (value: (line: AdviceLine) => number | null) => {
        const values = own.map(({ line }) => ({ share: line.basis_points, value: value(line) }));
        if (basisPoints === 0 || values.some((each) => each.share > 0 && each.value === null)) return null;
        return sumOf(values.map((each) => (each.share * (each.value ?? 0)) / basisPoints));
      };
      return {
        protocol,
        basis_points: basisPoints,
        percent: basisPoints / 100,
        current_percent: sumOf(own.map(({ line }) => line.current_bp)) / 100,
        expected_apy:
          weighted(({ net_apy_at_amount }) => net_apy_at_amount) ??
          forecasts.yield.byProtocol.get(protocol)?.value ??
          null,
        risk_score:
          weighted(({ risk_score }) => risk_score) ?? forecasts.risk.byProtocol.get(protocol)?.value ?? null,
        markets: own.map(({ market }) => market),
      };
    },
  );
  const rest = {
    protocol: unallocatedName,
    basis_points: advice.unallocated_bp,
    percent: advice.unallocated_bp / 100,
    current_percent: unallocated.currentBp / 100,
    expected_apy: 0,
    risk_score: 0,
    markets: [],
  };
  return [...shares, ...(isPartUnallocated ? [rest] : [])].sort((left, right) =>
    left.protocol < right.protocol ? -1 : 1,
  );
}

/**
 * What is held and what was held in each place, in cents that sum to the amount.
 *
 * @param amount - US dollars of the whole portfolio
 */
export function sharesByTime({ lines, unallocated_bp }: MarketAdvice, amount: string) {
  const cents = toCents(amount);
  const currentBp = wholeBp - sumOf(lines.map(({ current_bp }) => current_bp));
  const held = sharesInCents(cents, [...lines.map(({ basis_points }) => basis_points), unallocated_bp]);
  const before = sharesInCents(cents, [...lines.map(({ current_bp }) => current_bp), currentBp]);
  const at = (index: number) => ({ held: held[index] ?? 0n, before: before[index] ?? 0n });
  return {
    lines: lines.map((line, index) => ({ line, ...at(index) })),
    unallocated: { currentBp, ...at(lines.length) },
    isPartUnallocated: unallocated_bp > 0 || (currentBp > 0 && currentBp < wholeBp),
  };
}

/** What the portfolio is taken to be worth, US dollars, when nobody says. */
export const assumedAmount = "10000";

/** A share in percent, of which at most two decimals were given, in basis points. */
export function toBasisPoints(percent: number): number {
  return Math.round(percent * 100);
}

/** The limits that hold the result back, as responses show them. */
export function toSuggestionLimits({ binding_limits }: MarketAdvice): RebalanceSuggestion["binding_limits"] {
  return binding_limits.map(({ limit, ...others }) => ({
    limit,
    shadow_price_unit: limit === "max_portfolio_risk" ? "risk_point" : "percentage_point_of_share",
    ...others,
  }));
}

/** So many markets are named of each reason. */
const namedMax = 20;

/** The markets that get nothing, by reason; those that are the holder's own wish come last. */
export function toExcludedMarkets({ excluded }: MarketAdvice): RebalanceSuggestion["excluded_markets"] {
  const byReason = Map.groupBy(excluded, ({ reason }) => reason);
  return marketExclusions.flatMap((reason) => {
    const markets = byReason.get(reason);
    if (markets === undefined) return [];
    const named = markets
      .slice(0, namedMax)
      .map(({ market_id, protocol, symbol }) => ({ market_id, protocol, symbol }));
    return [{ reason, count: markets.length, markets: named }];
  });
}

function toMarket(
  line: AdviceLine,
  cents: { readonly held: bigint; readonly before: bigint },
): SuggestedMarket {
  const { apy, impermanent_loss: loss } = line;
  return {
    market_id: line.market_id,
    symbol: line.symbol,
    chain: line.chain,
    kind: line.kind,
    assets: [...line.assets],
    stable: line.stable,
    basis_points: line.basis_points,
    percent: line.basis_points / 100,
    current_percent: line.current_bp / 100,
    amount: fromCents(cents.held),
    change_amount: fromCents(cents.held - cents.before),
    apy: apy?.value ?? null,
    apy_lower: apy?.lower ?? null,
    apy_upper: apy?.upper ?? null,
    apy_interval_level: apy?.level ?? null,
    apy_base: line.apy_base,
    apy_reward: line.apy_reward,
    impermanent_loss: loss.apy,
    impermanent_loss_assumed: loss.assumed,
    protocol_fee: line.protocol_fee,
    price_risk: line.price_risk,
    net_apy_at_zero: line.net_apy_at_zero,
    net_apy_at_amount: line.net_apy_at_amount,
    target_percent: line.target_bp / 100,
    net_apy_at_target: line.net_apy_at_target,
    risk_score: line.risk_score,
    tvl_usd: line.tvl_usd,
    utilization: line.utilization,
  };
}

function sumOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0);
}
