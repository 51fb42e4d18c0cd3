import type { AdviceRequest, MarketCandidate, MarketExclusion } from "./advice-types.ts";
import { exitLiquidityUsd, sizeOf } from "./dilution.ts";
import { assetsOfSymbol, isStable, sameAsset } from "./market-assets.ts";
import { shareMinBp } from "./share-program.ts";
import { wholeBp } from "./tolerances.ts";

/** So much of a lending market is lent out, and nothing can be taken out of it for now. */
const utilizationMax = 0.98;

/** Tells why a market gets no money from this holder; undefined when it may. */
export function exclusionsFor(
  request: AdviceRequest,
): (market: MarketCandidate) => MarketExclusion | undefined {
  const { wishes } = request;
  const accepted = wishes.assets === undefined ? undefined : new Set(wishes.assets.map(sameAsset));
  return (market) => exclusionOf(market, request, accepted);
}

function exclusionOf(
  market: MarketCandidate,
  request: AdviceRequest,
  accepted: ReadonlySet<string> | undefined,
): MarketExclusion | undefined {
  const { wishes } = request;
  if (market.status !== "active") return market.status;
  const { protocols = [] } = wishes;
  if (protocols.length > 0 && !protocols.includes(market.protocol)) return "not_preferred";
  const assets = assetsOfSymbol(market.symbol);
  if (accepted !== undefined && !assets.every((asset) => accepted.has(asset))) return "other_asset";
  if (wishes.single_asset_only === true && assets.length > 1) return "several_assets";
  if (wishes.stable_only === true && !isStable(assets)) return "not_stable";
  if (market.frozen) return "frozen";
  if (market.stale) return "stale_forecast";
  if (market.apy === null || market.risk_score === null) return "no_forecast";
  if (market.kind === "lending" && (market.utilization ?? 0) >= utilizationMax) return "illiquid";
  const exitUsd = exitLiquidityUsd(sizeOf(market));
  if (exitUsd !== undefined && exitUsd < (request.amount_usd * shareMinBp) / wholeBp) return "too_small";
  return undefined;
}
