import { square } from "../deterministic-math.ts";
import { normalQuantile } from "../normal.ts";
import { assetVolatility, pairVolatility } from "./asset-volatility.ts";
import { assetClassOf } from "./market-assets.ts";

/**
 * What a yield in assets that the holder does not have must bring more, percent a year, to be worth as much as one in what they have: half the
 * variance of the price between the two, which is by how much a varying price lowers the expected growth of money (the certainty equivalent
 * of logarithmic utility; Kelly, "A New Interpretation of Information Rate", 1956; Merton, "Lifetime Portfolio Selection under Uncertainty",
 * 1969). Of a pool the part that is foreign has the price. Volatilities are the documented ones of `pairVolatility`.
 *
 * @param own - what the holder has; where that is unknown or empty, nothing is foreign
 */
export function priceRiskOf(assets: readonly string[], own: ReadonlySet<string> | undefined): number {
  if (own === undefined || own.size === 0) return 0;
  const foreign = assets.filter((asset) => !own.has(asset));
  if (foreign.length === 0) return 0;
  const nearest = (asset: string) =>
    Math.min(...[...own].map((each) => pairVolatility(assetClassOf(asset), assetClassOf(each))));
  const volatility = Math.max(...foreign.map(nearest)) / 100;
  return (square((foreign.length / assets.length) * volatility) / 2) * 100;
}

/** Within how many percent of today an asset's price in US dollars stays nine times in ten, by its documented volatility. */
export function priceRange(asset: string, days: number): number {
  return normalQuantile(0.95) * assetVolatility(assetClassOf(asset)) * Math.sqrt(days / 365);
}
