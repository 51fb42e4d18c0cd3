/** Basis points as a percentage with one decimal: 4520 → "45.2 %". */
export function share(basisPoints: number): string {
  return `${(basisPoints / 100).toFixed(1)} %`;
}

/** A figure with one decimal; whole numbers without. */
export function points(value: number): string {
  return Number.isInteger(value) ? String(value) : value.toFixed(1);
}

/** A market in a sentence: what it is of and where; a protocol as a whole, and a market of nobody knows what, by the protocol's name. */
export function marketName({
  symbol,
  protocol,
}: {
  readonly symbol: string | null;
  readonly protocol: string;
}): string {
  return symbol === null || symbol === "" ? protocol : `${symbol} in ${protocol}`;
}
