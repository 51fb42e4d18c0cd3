import { elapsedMs } from "@obsqra/platform";
import { isMarketFile } from "../../market/market.service.ts";
import type { DroppedMarket } from "../../market/served-data.fragments.ts";
import { type ForecastKind, forecastKinds, type ModelsDependencies } from "../models/models.service.ts";
import { findServedState, type QuarantinedMarket } from "./freshness.queries.ts";

/** Whether what is served can be relied on, as operators are told. */
export interface Freshness {
  readonly models: "up" | "down";
  /** Of which kinds there is no live model that forecasts the horizon. */
  readonly missing_models: readonly ForecastKind[];
  /** `stale` when the newest observation is older than the rhythm of the source allows. */
  readonly market_data: "current" | "stale" | "missing";
  /** Of the newest observation; null before the first import. */
  readonly observed_until: string | null;
  /** `failed` while the source cannot be loaded, or is refused; `quarantined` while some of its markets are left out. */
  readonly market_feed: "up" | "failed" | "quarantined";
  /** Which error, and since when. */
  readonly feed_failure: { readonly code: string; readonly since: string } | undefined;
  readonly quarantined_markets: readonly QuarantinedMarket[];
  /** Markets that have lost their risk score in the last month, or have none because their kind is unknown. */
  readonly dropped_markets: readonly Omit<DroppedMarket, "protocol_dropped">[];
  /** Their protocols of which no market has one, by name. */
  readonly dropped_protocols: readonly string[];
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
  const served = await findServedState(db, { source: marketSource, now: clock(), horizonDays });
  const { observed_until, failure, quarantined, dropped } = served;
  const ageMs = observed_until === null ? 0 : elapsedMs(observed_until, clock());
  const isStale = !isMarketFile(marketSource) && ageMs > feedAgeMsMax;
  const missing = forecastKinds.filter((kind) => !served.live_kinds.includes(kind));
  const toTime = <TRow extends { readonly since: string }>(row: TRow): TRow => ({
    ...row,
    since: new Date(row.since).toISOString(),
  });
  return {
    models: missing.length === 0 ? "up" : "down",
    missing_models: missing,
    market_data: observed_until === null ? "missing" : isStale ? "stale" : "current",
    observed_until: observed_until?.toISOString() ?? null,
    market_feed: failure !== null ? "failed" : quarantined.length > 0 ? "quarantined" : "up",
    feed_failure: failure === null ? undefined : toTime(failure),
    quarantined_markets: quarantined.map(toTime),
    dropped_markets: dropped.map(({ protocol_dropped: _dropped, ...market }) => ({
      ...market,
      last_scored_at: market.last_scored_at && new Date(market.last_scored_at).toISOString(),
    })),
    dropped_protocols: [
      ...new Set(dropped.filter(({ protocol_dropped }) => protocol_dropped).map(({ protocol }) => protocol)),
    ].toSorted(),
  };
}
