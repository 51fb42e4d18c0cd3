import type { MarketDescription, MarketHistory, ProtocolEntry } from "@obsqra/market";
import { entryForUnknownProject, findProtocol, isPossibleUtilization, readTvl } from "@obsqra/market";
import type { MarketSeries } from "@obsqra/ml";
import { dateToDay, startOfDay } from "./market-days.ts";

/** One stored observation, as the models need it. */
export interface SeriesObservation {
  readonly observed_at: Date;
  readonly tvl_usd: number | null;
  readonly apy: number | null;
  readonly apy_base: number | null;
  readonly apy_reward: number | null;
  readonly utilization: number | null;
  readonly frozen: boolean | null;
  readonly paused: boolean | null;
  readonly quality: readonly string[];
}

/** What is known about a market besides its observations. */
export interface SeriesFacts {
  readonly market_id: string;
  readonly protocol: string;
  readonly kind: MarketSeries["kind"];
  readonly audit_score: number;
  readonly launched_at: Date | null;
}

/** A market and what was observed of it, stored or not. */
export type ObservedMarket = Pick<MarketHistory, "market" | "observations">;

/** Markets as a load of them brought them. */
export interface ObservedMarkets {
  /** When the load began. */
  readonly fetched_at: Date;
  readonly markets: readonly ObservedMarket[];
}

/**
 * Makes the daily series that the models read: the last usable observation of each UTC day. Impossible values stay in the
 * database, flagged. Here an observation with an impossible APY is left out, and an impossible TVL or utilization is unknown
 * (a TVL that lacks its decimals is read with them):
 * one cell without its decimals must not take the market's APY of that day with it, on which the figures of other markets
 * rest, too.
 *
 * @param observations ascending by time
 */
export function toMarketSeries(facts: SeriesFacts, observations: readonly SeriesObservation[]): MarketSeries {
  const byDay = new Map<number, SeriesObservation>();
  for (const observation of observations) {
    if (observation.quality.includes("impossible")) continue;
    byDay.set(dateToDay(observation.observed_at), observation);
  }
  const days = Int32Array.from(byDay.keys());
  const daily = [...byDay.values()];
  const column = (read: (observation: SeriesObservation) => number | null) =>
    Float64Array.from(daily, (observation) => read(observation) ?? Number.NaN);
  return {
    market_id: facts.market_id,
    protocol: facts.protocol,
    kind: facts.kind,
    days,
    apy: column((observation) => observation.apy),
    apy_base: column((observation) => observation.apy_base),
    apy_reward: column((observation) => observation.apy_reward ?? 0),
    tvl_usd: column(({ tvl_usd, quality }) => readTvl(tvl_usd, quality)),
    utilization: column(believedUtilization),
    frozen: Uint8Array.from(daily, ({ frozen, paused }) => (frozen === true || paused === true ? 1 : 0)),
    audit_score: facts.audit_score,
    // Without a known launch, a market is only as old as what we have seen of it.
    launched_day: facts.launched_at === null ? (days[0] ?? 0) : dateToDay(facts.launched_at),
  };
}

/** A utilization as the models read it: null where it is unknown or impossible. */
export function believedUtilization({
  utilization,
  quality,
}: Pick<SeriesObservation, "utilization" | "quality">): number | null {
  if (utilization === null || quality.includes("impossible_utilization")) return null;
  return isPossibleUtilization(utilization) ? utilization : null;
}

/**
 * The series of a data set's markets, without storing them: the same as importing it into an empty database and loading
 * its panel, so that an evaluation of a file measures what a server with that file serves.
 */
export function toPanel({ markets, fetched_at }: ObservedMarkets): MarketSeries[] {
  const protocols = protocolsOf(markets);
  return markets.map(({ market, observations }) =>
    toMarketSeries(
      seriesFacts(market, protocols.get(market.protocol)),
      ofFinishedDays(observations, fetched_at),
    ),
  );
}

/** Observations of days that were over at a moment. The day that was still going on can change, so nothing is computed from it. */
export function ofFinishedDays<TObservation extends Pick<SeriesObservation, "observed_at">>(
  observations: readonly TObservation[],
  moment: Date,
): TObservation[] {
  const end = startOfDay(moment);
  return observations.filter(({ observed_at }) => observed_at < end);
}

/** What the registry knows of the protocols that run these markets, by name. */
export function protocolsOf(markets: readonly Pick<MarketHistory, "market">[]): Map<string, ProtocolEntry> {
  const byProtocol = Map.groupBy(markets, ({ market }) => market.protocol);
  return new Map(
    Array.from(byProtocol, ([name, own]) => {
      const known = new Set(own.map(({ market }) => market.kind).filter((kind) => kind !== "unknown"));
      const [kind = "unknown"] = known.size === 1 ? known : [];
      return [name, findProtocol(name) ?? entryForUnknownProject(name, kind)];
    }),
  );
}

/** A market's facts, by what is known of its protocol. */
export function seriesFacts(market: MarketDescription, entry: ProtocolEntry | undefined): SeriesFacts {
  const launchedOn = entry?.launched_on ?? null;
  return {
    market_id: market.id,
    protocol: market.protocol,
    kind: market.kind,
    audit_score: entry?.audit_score ?? 0,
    launched_at: launchedOn === null ? null : new Date(launchedOn),
  };
}
