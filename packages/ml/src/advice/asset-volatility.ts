import type { AssetClass } from "./market-assets.ts";

/**
 * Standard deviation of the yearly logarithm of the price between two assets, percent. No feed has prices, so it is assumed by class, on the
 * high side of what daily closes have shown:
 *
 * | pair                                       | σ a year |
 * | ------------------------------------------ | -------: |
 * | one currency (USDC and USDT)               |      2 % |
 * | one asset and its derivatives (ETH, stETH) |      8 % |
 * | two currencies (EURC and USDC)             |     10 % |
 * | ETH and BTC                                |     60 % |
 * | ETH, BTC or gold beside a currency         |     80 % |
 * | whatever else                              |    150 % |
 */
export function pairVolatility(first: AssetClass, second: AssetClass): number {
  if (first === "other" || second === "other") return 150;
  if (first === second) return currencies.has(first) ? 2 : 8;
  if (currencies.has(first) && currencies.has(second)) return 10;
  const isKnown = (asset: AssetClass) => currencies.has(asset) || largeAssets.has(asset);
  if (!isKnown(first) || !isKnown(second)) return 150;
  return currencies.has(first) || currencies.has(second) ? 80 : 60;
}

/** The same of an asset's price in US dollars. */
export function assetVolatility(asset: AssetClass): number {
  return pairVolatility(asset, "usd");
}

const currencies: ReadonlySet<AssetClass> = new Set(["usd", "eur"]);
const largeAssets: ReadonlySet<AssetClass> = new Set(["eth", "btc", "gold"]);
