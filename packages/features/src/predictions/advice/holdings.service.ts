import { type RunOptimizationInput, unallocatedName } from "@obsqra/contract";
import type { HeldShare } from "@obsqra/ml";
import { AppError } from "@obsqra/platform";
import { z } from "zod";
import { allocationToBasisPoints } from "../../analytics/allocation.ts";
import { refuseUnknown } from "../../market/protocols.service.ts";
import type { OptimizationBasis } from "../forecasts/optimization-basis.queries.ts";

/** What somebody holds, in basis points. */
export interface Holdings {
  /** By protocol, with what is unallocated under that name; null when nothing was logged or stated. */
  readonly byProtocol: Readonly<Record<string, number>> | null;
  /** By market where that is known; empty when nothing is invested. */
  readonly shares: readonly HeldShare[];
}

/**
 * What the caller says that they hold, or else what they hold as far as logged.
 *
 * @throws AppError ALLOCATION_INVALID, PROTOCOL_UNKNOWN
 */
export function toHoldings(input: RunOptimizationInput, basis: OptimizationBasis): Holdings {
  const { current_allocation, current_markets } = input;
  if (current_allocation !== undefined && current_markets !== undefined) {
    throw new AppError("ALLOCATION_INVALID", {
      reason: "it is stated twice; give current_allocation or current_markets, not both",
    });
  }
  if (current_markets !== undefined) {
    const known = new Map(basis.markets.map((market) => [market.market_id, market.protocol]));
    return toHoldingsByMarket(current_markets, known);
  }
  if (current_allocation !== undefined) {
    refuseUnknown(Object.keys(current_allocation), [
      ...basis.protocols.map(({ name }) => name),
      unallocatedName,
    ]);
    return toHoldingsByProtocol(allocationToBasisPoints(current_allocation));
  }
  const { latest_allocation, followed_shares } = basis;
  if (latest_allocation === null) return { byProtocol: null, shares: [] };
  const followed = followedShares.safeParse(followed_shares);
  const whole = toHoldingsByProtocol(latest_allocation.allocation_bp);
  const shares = (followed.data ?? []).flatMap(({ protocol, markets }) =>
    markets.map((market) => ({ protocol, ...market })).filter(({ basis_points }) => basis_points > 0),
  );
  // Suggestions of earlier versions knew no markets.
  return shares.length === 0 ? whole : { ...whole, shares };
}

/** What of a followed suggestion says where the money is. */
const followedShares = z.array(
  z.object({
    protocol: z.string(),
    markets: z.array(z.object({ market_id: z.string().nullable(), basis_points: z.int() })),
  }),
);

function toHoldingsByProtocol(byProtocol: Readonly<Record<string, number>>): Holdings {
  const shares = Object.entries(byProtocol)
    .filter(([protocol, basisPoints]) => protocol !== unallocatedName && basisPoints > 0)
    .map(([protocol, basis_points]) => ({ protocol, market_id: null, basis_points }));
  return { byProtocol, shares };
}

/**
 * What is held in the markets that somebody states.
 *
 * @param known - the protocol of each market that there is
 * @throws AppError ALLOCATION_INVALID
 */
export function toHoldingsByMarket(
  stated: NonNullable<RunOptimizationInput["current_markets"]>,
  known: ReadonlyMap<string, string>,
): Holdings {
  const shares = stated
    .map(({ market_id, percent }) => ({ market_id, basis_points: Math.round(percent * 100) }))
    .filter(({ basis_points }) => basis_points > 0)
    .map(({ market_id, basis_points }) => {
      const protocol = known.get(market_id);
      if (protocol !== undefined) return { protocol, market_id, basis_points };
      throw new AppError("ALLOCATION_INVALID", { reason: `no market is called ${market_id}` });
    });
  const total = shares.reduce((sum, { basis_points }) => sum + basis_points, 0);
  if (total > 10_000) {
    throw new AppError("ALLOCATION_INVALID", { reason: `the shares sum to ${total / 100} %, above 100 %` });
  }
  const byProtocol: Record<string, number> = total === 10_000 ? {} : { [unallocatedName]: 10_000 - total };
  for (const { protocol, basis_points } of shares) {
    byProtocol[protocol] = (byProtocol[protocol] ?? 0) + basis_points;
  }
  return { byProtocol, shares };
}
