import type { AdviceLimit, AdviceRequest } from "./advice-types.ts";
import { marketNamer, points, share } from "./figures.ts";
import type { AdvicePlace } from "./market-places.ts";
import type { MarketSolution } from "./market-program.ts";
import type { MarketProblem } from "./share-program.ts";
import { wholeBp } from "./tolerances.ts";

/** Gains below this, percentage points of APY, are the solver's rounding and no limit at all. */
const negligiblePrice = 1e-7;

/** The limits that hold the optimum back, dearest first, with the dual values of the linear programme as their prices. */
export function adviceLimits(
  places: readonly AdvicePlace[],
  { capPrices, protocolPrices, chainPrices, riskPrice }: MarketSolution,
  {
    maxRisk,
    protocolCaps,
    chainCaps,
    markets: known,
  }: Pick<MarketProblem, "maxRisk" | "protocolCaps" | "chainCaps"> & Pick<AdviceRequest, "markets">,
): AdviceLimit[] {
  const perPercent = 100 / wholeBp;
  const marketName = marketNamer(known);
  const markets = places.flatMap(
    ({ market, protocol, marketId, isExitCapped, capBp }, index): AdviceLimit[] => {
      // What is held nobody knows where cannot grow, which is no limit.
      if (market === null) return [];
      const price = (capPrices[index] ?? 0) * perPercent;
      if (price <= negligiblePrice) return [];
      const name = marketName({ symbol: market.symbol, protocol, chain: market.chain });
      const sentence = isExitCapped
        ? `${name} is at a tenth of what can be taken out of it (${share(capBp)}), so that it can be left again; one percentage point more would add ${gain(price)}.`
        : `${name} is at the largest share of one market (${share(capBp)}); one percentage point more would add ${gain(price)}.`;
      const limit = isExitCapped ? "exit_liquidity" : "max_market";
      return [{ limit, protocol, market_id: marketId, chain: null, shadow_price: price, sentence }];
    },
  );
  const protocols = [...protocolPrices].map(([protocol, dual]): AdviceLimit => {
    const price = dual * perPercent;
    const sentence = `${protocol} is at the largest share of one protocol (${share(protocolCaps.get(protocol) ?? wholeBp)}); one percentage point more would add ${gain(price)}.`;
    return { limit: "max_protocol", protocol, market_id: null, chain: null, shadow_price: price, sentence };
  });
  const chains = [...chainPrices].map(([chain, dual]): AdviceLimit => {
    const price = dual * perPercent;
    const sentence = `${chain} is at the largest share of one chain (${share(chainCaps.get(chain) ?? wholeBp)}); one percentage point more would add ${gain(price)}.`;
    return { limit: "max_chain", protocol: null, market_id: null, chain, shadow_price: price, sentence };
  });
  const risk: AdviceLimit = {
    limit: "max_portfolio_risk",
    protocol: null,
    market_id: null,
    chain: null,
    shadow_price: riskPrice,
    sentence: `The portfolio risk is at its limit (${points(maxRisk)}); one point more would add ${gain(riskPrice)}.`,
  };
  return [...markets, ...protocols, ...chains, risk]
    .filter(({ shadow_price }) => shadow_price > negligiblePrice)
    .toSorted((left, right) => right.shadow_price - left.shadow_price);
}

function gain(price: number): string {
  return `${price < 0.0095 ? price.toPrecision(1) : price.toFixed(2)} percentage points of risk-adjusted APY`;
}
