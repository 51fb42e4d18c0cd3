import type { MarketSource } from "@obsqra/market";
import { type AnyJob, defineJob } from "@obsqra/platform";
import { z } from "zod";
import { type RefreshDependencies, refreshMarketHistory } from "./refresh.service.ts";
import { refreshSchedule } from "./refresh-schedule.service.ts";

/**
 * Keeps the market history of a source up to date.
 *
 * @param followedBy the job whose work follows new history
 */
export function refreshMarketJob(
  source: Pick<MarketSource, "name">,
  followedBy: string,
): AnyJob<RefreshDependencies> {
  return defineJob({
    name: "market.refresh",
    summary: "Loads what the market source has that is not stored yet.",
    schema: z.strictObject({}),
    schedule: refreshSchedule(source.name),
    run: async (deps, { signal, send }) => {
      const {
        outcome,
        observed_until,
        reason,
        quarantined = [],
        dropped = [],
        deactivated = [],
      } = await refreshMarketHistory(deps, { signal });
      if (outcome === "imported") await send(followedBy);
      return {
        outcome,
        observed_until: observed_until.toISOString(),
        ...(reason && { reason }),
        ...(quarantined.length > 0 && { quarantined: quarantined.map(({ market_id }) => market_id) }),
        ...(dropped.length > 0 && { dropped: dropped.map(({ market_id }) => market_id) }),
        ...(deactivated.length > 0 && { deactivated }),
      };
    },
  });
}
