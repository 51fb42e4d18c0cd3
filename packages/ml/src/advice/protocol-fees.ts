/**
 * Which part of the fees of its pools a protocol keeps, 0 to 1, where feeds show yields before that. A documented figure: Ekubo keeps 20 %
 * of the swap fees that are collected on Starknet and 10 % elsewhere (https://docs.ekubo.org/products/liquidity, "Fees"), and DefiLlama's
 * `apyBase` of it is all fees over TVL
 * (https://github.com/DefiLlama/yield-server/blob/master/src/adaptors/ekubo/index.js). Rates of lending markets are what suppliers are
 * paid, after what protocols keep.
 */
export function protocolFeePart(protocol: string, chain: string): number {
  if (!/^ekubo\b/.test(protocol)) return 0;
  return chain.toLowerCase() === "starknet" ? 0.2 : 0.1;
}
