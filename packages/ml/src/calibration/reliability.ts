import { at } from "../numbers.ts";

/** Observed frequency of forecasts whose stated confidence lies in [from, to). */
export interface ReliabilityBin {
  from: number;
  to: number;
  n: number;
  /** Mean stated confidence of the bin. */
  stated: number;
  /** Share of the bin's forecasts whose actual value was within tolerance. */
  observed: number;
}

/**
 * A reliability table in equal bins of stated confidence; empty bins are left out. Well calibrated: `observed`
 * is close to `stated` in every bin (Murphy and Winkler, 1977).
 */
export function reliabilityTable(
  stated: ArrayLike<number>,
  within: ArrayLike<number>,
  binCount = 5,
): ReliabilityBin[] {
  const bins = Array.from({ length: binCount }, () => ({ n: 0, stated: 0, observed: 0 }));
  for (let index = 0; index < stated.length; index += 1) {
    const bin = bins[Math.min(binCount - 1, Math.floor(at(stated, index) * binCount))];
    if (bin === undefined) continue;
    bin.n += 1;
    bin.stated += at(stated, index);
    bin.observed += at(within, index);
  }
  return bins.flatMap(({ n, stated: sum, observed }, index) =>
    n === 0
      ? []
      : [{ from: index / binCount, to: (index + 1) / binCount, n, stated: sum / n, observed: observed / n }],
  );
}
