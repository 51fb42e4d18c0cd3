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
