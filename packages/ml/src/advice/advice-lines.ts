import type { AdviceLine, AdviceRequest, MarketAdvice } from "./advice-types.ts";
import { isStable } from "./market-assets.ts";
import { exclusionsFor } from "./market-exclusions.ts";
import type { AdvicePlace } from "./market-places.ts";
import { priceRange } from "./price-risk.ts";

/** What to hold in each place where something is held, was held or would be. */
export function linesOf(
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
        stable: place.assets.length === 0 ? null : isStable(place.assets),
        apy_base: market?.apy_base ?? null,
        apy_reward: market?.apy_reward ?? null,
        tvl_usd: market?.tvl_usd ?? null,
        utilization: market?.utilization ?? null,
        apy,
        risk_score: riskScore,
        impermanent_loss: place.loss,
        protocol_fee: apy === null || apy.value <= 0 ? 0 : apy.value * (1 - place.keptPart),
        price_risk: place.priceRisk,
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
export function excludedOf(request: AdviceRequest): MarketAdvice["excluded"] {
  const exclusionOf = exclusionsFor(request);
  return request.markets
    .flatMap((market) => {
      const reason = exclusionOf(market);
      const { market_id, protocol, symbol } = market;
      return reason === undefined ? [] : [{ market_id, protocol, symbol, reason }];
    })
    .sort((left, right) => (left.market_id < right.market_id ? -1 : 1));
}

/** Whether something is entered on a chain where less is left than that. */
function isBridged(places: readonly AdvicePlace[], shares: readonly number[]): boolean {
  const changes = new Map<string, number>();
  for (const [index, { chain, currentBp }] of places.entries()) {
    if (chain !== null) changes.set(chain, (changes.get(chain) ?? 0) + (shares[index] ?? 0) - currentBp);
  }
  const net = [...changes.values()];
  return net.some((change) => change > 0) && net.some((change) => change < 0);
}

/** What the figures leave out. */
export function warningsOf(
  places: readonly AdvicePlace[],
  shares: readonly number[],
  { isExchangeUnknown, days }: { readonly isExchangeUnknown: boolean; readonly days: number },
): string[] {
  const used = places.filter((_, index) => (shares[index] ?? 0) > 0);
  const moving = [...new Set(used.flatMap(({ assets }) => assets))]
    .filter((asset) => !isStable([asset]))
    .sort();
  const warnings: string[] = [];
  if (isExchangeUnknown && used.length > 0) {
    warnings.push(
      "Which assets you hold is not known: all are suggested alike, and exchanging one for another is not counted. State assets.",
    );
  }
  if (moving.length > 0) {
    warnings.push(
      `The yields are in the assets themselves, and prices may move far more than that: by assumed volatilities nine times in ten within ${moving.map((asset) => `± ${Math.round(priceRange(asset, days))} % of ${asset}`).join(", ")} over ${days} ${days === 1 ? "day" : "days"}.`,
    );
  }
  if (isBridged(places, shares)) {
    warnings.push("Some of it moves from one chain to another; what bridges cost is not counted.");
  }
  if (used.some(({ loss }) => loss.assumed)) {
    warnings.push(
      "Impermanent loss is expected by an assumed volatility of the pair's class, because no feed has prices.",
    );
  }
  if (used.some(({ market, assets }) => market !== null && assets.length === 0)) {
    warnings.push(
      "Of some markets nobody says which assets they are of, so neither impermanent loss nor the price risk of these is counted there.",
    );
  }
  if (used.some(({ market }) => market !== null && market.tvl_usd === null)) {
    warnings.push(
      "The size of some markets is not known, so neither dilution nor exit liquidity is counted there.",
    );
  }
  return warnings;
}
