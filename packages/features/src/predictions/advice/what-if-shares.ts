import { unallocatedName, type WhatIf } from "@obsqra/contract";
import type { HeldShare, MarketAdvice } from "@obsqra/ml";
import { sharesByTime } from "./suggested-shares.ts";
import { fromCents } from "./usd-amounts.ts";
import type { ScoredMarket } from "./what-if.service.ts";

type WhatIfShare = WhatIf["shares"][number];

/** Every market of a question, whatever else is held, and what is unallocated; by protocol, then market. */
export function toWhatIfShares(
  advice: MarketAdvice,
  {
    markets,
    held,
    amount,
  }: {
    readonly markets: readonly ScoredMarket[];
    readonly held: readonly HeldShare[];
    readonly amount: string;
  },
): WhatIf["shares"] {
  const { lines, unallocated, isPartUnallocated } = sharesByTime(advice, amount);
  const lineOf = new Map(lines.map(({ line, ...money }) => [keyOf(line), { line, ...money }]));
  const toShare = (
    protocol: string,
    marketId: string | null,
    market: ScoredMarket | undefined,
  ): WhatIfShare => {
    const found = lineOf.get(keyOf({ protocol, market_id: marketId }));
    const { line } = found ?? {};
    const basisPoints = line?.basis_points ?? 0;
    return {
      protocol,
      market_id: market?.isNamed ? marketId : null,
      basis_points: basisPoints,
      percent: basisPoints / 100,
      target_basis_points: line?.target_bp ?? 0,
      current_percent: (line?.current_bp ?? 0) / 100,
      amount: fromCents(found?.held ?? 0n),
      change_amount: fromCents((found?.held ?? 0n) - (found?.before ?? 0n)),
      apy: market?.apy ?? null,
      impermanent_loss: line?.impermanent_loss.apy ?? 0,
      price_risk: line?.price_risk ?? 0,
      net_apy_at_amount: line?.net_apy_at_target ?? null,
      risk_score: market?.riskScore ?? null,
      risk_components: market?.riskComponents ?? null,
    };
  };
  const shares = [
    ...markets.map((market) => toShare(market.protocol, market.marketId, market)),
    ...held
      .filter(({ market_id }) => market_id === null)
      .map(({ protocol, market_id }) => toShare(protocol, market_id, undefined)),
  ];
  const rest: WhatIfShare = {
    protocol: unallocatedName,
    market_id: null,
    basis_points: advice.unallocated_bp,
    percent: advice.unallocated_bp / 100,
    target_basis_points: advice.target_unallocated_bp,
    current_percent: unallocated.currentBp / 100,
    amount: fromCents(unallocated.held),
    change_amount: fromCents(unallocated.held - unallocated.before),
    apy: 0,
    impermanent_loss: 0,
    price_risk: 0,
    net_apy_at_amount: 0,
    risk_score: 0,
    risk_components: null,
  };
  const isPart = isPartUnallocated || advice.target_unallocated_bp > 0;
  return [...shares, ...(isPart ? [rest] : [])].sort((left, right) => (keyOf(left) < keyOf(right) ? -1 : 1));
}

function keyOf({
  protocol,
  market_id,
}: {
  readonly protocol: string;
  readonly market_id: string | null;
}): string {
  return `${protocol}\n${market_id ?? ""}`;
}
