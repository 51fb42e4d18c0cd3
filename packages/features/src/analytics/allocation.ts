import type { Allocation } from "@obsqra/contract";
import { AppError } from "@obsqra/platform";

/** All of a portfolio, in basis points. */
const wholeBp = 10_000;

/** Basis points as responses show them: percent with two decimals. */
export function allocationToPercent(allocationBp: Readonly<Record<string, number>>): Allocation {
  return Object.fromEntries(
    Object.entries(allocationBp)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([protocol, basisPoints]) => [protocol, basisPoints / 100]),
  );
}

/**
 * Percent from a caller as basis points, without the zero shares.
 *
 * @throws AppError ALLOCATION_INVALID when the shares do not sum to 100
 */
export function allocationToBasisPoints(allocation: Allocation): Record<string, number> {
  const shares = Object.entries(allocation)
    .map(([protocol, percent]) => [protocol, Math.round(percent * 100)] as const)
    .filter(([, basisPoints]) => basisPoints > 0);
  const sum = shares.reduce((total, [, basisPoints]) => total + basisPoints, 0);
  if (sum !== wholeBp) {
    throw new AppError("ALLOCATION_INVALID", { reason: `the shares sum to ${sum / 100} %, not to 100 %` });
  }
  return Object.fromEntries(shares);
}
