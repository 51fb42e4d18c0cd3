/** The weights with which a protocol's markets make up its figure; they sum to 1. */
export interface ProtocolWeights {
  /** `tvl`, or `equal` when no market's TVL is known. */
  basis: "tvl" | "equal";
  /** Aligned with the markets; 0 for a market of unknown TVL beside markets of known TVL. */
  weights: number[];
}

/** TVL-weighted shares; equal shares when no TVL is known (NaN or 0). */
export function protocolWeights(tvlsUsd: readonly number[]): ProtocolWeights {
  const known = tvlsUsd.map((tvl) => (Number.isFinite(tvl) && tvl > 0 ? tvl : 0));
  const total = known.reduce((sum, tvl) => sum + tvl, 0);
  if (total === 0) return { basis: "equal", weights: tvlsUsd.map(() => 1 / tvlsUsd.length) };
  return { basis: "tvl", weights: known.map((tvl) => tvl / total) };
}

/** Σ weight·value over a protocol's markets. */
export function weightedSum(weights: readonly number[], value: (position: number) => number): number {
  return weights.reduce((sum, weight, position) => sum + (weight === 0 ? 0 : weight * value(position)), 0);
}
