import { isMarketFile } from "../market/market.service.ts";
import { findServedState } from "./freshness.queries.ts";
import { forecastKinds, type ModelsDependencies } from "./models.service.ts";

/** Whether what is served can be relied on, as operators are told. */
export interface Freshness {
  readonly models: "up" | "down";
  /** `stale` when the newest observation is older than the rhythm of the source allows. */
  readonly market_data: "current" | "stale" | "missing";
}

/**
 * A feed's newest day is loaded in the night that follows it. So old is the newest observation when two nights in a row have
 * brought nothing, and long before forecasts of a week run out.
 */
const feedAgeMsMax = 3 * 24 * 60 * 60 * 1000;

/**
 * Tells of what age the served history is, and whether there are models that forecast the horizon. A file is replayed as of its
 * last day, and does not age.
 */
export async function getFreshness(
  { db, clock, marketSource }: ModelsDependencies,
  { horizonDays }: { readonly horizonDays: number },
): Promise<Freshness> {
  const { observed_until, live_models } = await findServedState(db, { source: marketSource, horizonDays });
  const models = live_models === forecastKinds.length ? "up" : "down";
  if (observed_until === null) return { models, market_data: "missing" };
  const ageMs = clock().getTime() - observed_until.getTime();
  const isStale = !isMarketFile(marketSource) && ageMs > feedAgeMsMax;
  return { models, market_data: isStale ? "stale" : "current" };
}
