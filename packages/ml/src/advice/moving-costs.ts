import type { ChainGas } from "./advice-types.ts";
import { assetClassOf } from "./market-assets.ts";

/**
 * What one deposit or withdrawal costs in gas, US dollars, by chain: 300,000 units of gas and an approval, at twice the median fees
 * of 2025 or more. Not a quote.
 *
 * | chain                                                                      | USD  |
 * | -------------------------------------------------------------------------- | ---: |
 * | Ethereum                                                                   | 3.00 |
 * | Starknet, Arbitrum, Optimism, Base, Scroll, Linea, zkSync, BNB, Avalanche  | 0.10 |
 * | Polygon, Gnosis, Celo, Op_bnb                                              | 0.02 |
 * | others                                                                     | 1.00 |
 */
export function assumedGasUsd(chain: string): number {
  return gasUsd.get(chain.toLowerCase()) ?? 1;
}

/** What one deposit or withdrawal costs in gas, US dollars: as was read of the chain, or else {@link assumedGasUsd}. */
export function movingGasUsd(chain: string, read: readonly ChainGas[] = []): number {
  const name = chain.toLowerCase();
  return read.find((each) => each.chain.toLowerCase() === name)?.usd ?? assumedGasUsd(chain);
}

/** What exchanging assets is taken to cost, basis points of what is exchanged: fee of a pool and slippage. */
export function assumedSwapBp(assets: readonly string[]): number {
  return assets.every((asset) => assetClassOf(asset) === "usd") ? 5 : 30;
}

/**
 * What exchanging so much at once costs beyond that, US dollars, because it moves the price against itself: the price goes by a percent for each
 * {@link exchangeDepthUsd}, and half of where it ends is paid on average. Within the range of prices that liquidity is in, that is what pools
 * do; the depths are documented figures, not quotes.
 */
export function priceImpactUsd(usd: number, depthUsd: number): number {
  return (0.01 * usd * usd) / (2 * depthUsd);
}

/**
 * How much has to be exchanged at once, by the best route of a chain, until the price has moved by a percent, US dollars. Round figures, on the
 * low side: half a percent of what a chain's exchanges hold, more of what keeps the price of one currency.
 *
 * | chain                                         | whatever else | of one currency |
 * | --------------------------------------------- | ------------: | --------------: |
 * | Ethereum                                      |    10 million |      50 million |
 * | Arbitrum, Base, BNB                           |     2 million |      10 million |
 * | others, Starknet among them                   |   0.2 million |       1 million |
 */
export function exchangeDepthUsd(chain: string, assets: readonly string[]): number {
  const depth = depthsUsd.get(chain.toLowerCase()) ?? 200_000;
  return assets.every((asset) => assetClassOf(asset) === "usd") ? 5 * depth : depth;
}

const depthsUsd: ReadonlyMap<string, number> = new Map([
  ["ethereum", 10_000_000],
  ...["arbitrum", "base", "bnb", "bsc", "binance"].map((chain) => [chain, 2_000_000] as const),
]);

const gasUsd: ReadonlyMap<string, number> = new Map([
  ["ethereum", 3],
  ...[
    "starknet",
    "arbitrum",
    "optimism",
    "base",
    "scroll",
    "linea",
    "zksync",
    "bnb",
    "bsc",
    "binance",
    "avalanche",
  ].map((chain) => [chain, 0.1] as const),
  ...["polygon", "gnosis", "celo", "op_bnb"].map((chain) => [chain, 0.02] as const),
]);
