/** Basis points as a percentage, by the contract's rule for shares: 4525 → "45.25 %", 5000 → "50 %". */
export function share(basisPoints: number): string {
  return `${Number((basisPoints / 100).toFixed(2))} %`;
}

/** A figure with one decimal; whole numbers without. */
export function points(value: number): string {
  return Number.isInteger(value) ? String(value) : value.toFixed(1);
}

/**
 * Names markets in sentences: what they are of and where, with the chain where there are several. A protocol as a whole, and a market of nobody
 * knows what, go by the protocol's name.
 */
export function marketNamer(markets: readonly { readonly chain: string }[]): (market: NamedMarket) => string {
  const isOneChain = new Set(markets.map(({ chain }) => chain)).size <= 1;
  return ({ symbol, protocol, chain }) => {
    if (symbol === null || symbol === "") return protocol;
    return `${symbol} in ${protocol}${isOneChain || chain === null ? "" : ` on ${chain}`}`;
  };
}

interface NamedMarket {
  readonly symbol: string | null;
  readonly protocol: string;
  readonly chain: string | null;
}
