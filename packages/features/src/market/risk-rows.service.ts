import type { DatabaseTransaction } from "@obsqra/db";
import { type MarketHistory, type ProtocolEntry, readingVersion } from "@obsqra/market";
import { riskHistory } from "@obsqra/ml";
import { riskScore } from "@obsqra/starknet";
import { listRiskBases, type MarketImportRow, type RiskBasisRow, type RiskRow } from "./market.queries.ts";
import { dateToDay, dayToDate, startOfDay } from "./market-days.ts";
import { type SeriesFacts, type SeriesObservation, seriesFacts, toMarketSeries } from "./market-series.ts";
import type { LoadedRows, MarketChange } from "./observations.queries.ts";

/** A market and what is stored of it. */
export interface StoredHistory {
  readonly market: MarketHistory["market"];
  readonly observations: readonly SeriesObservation[];
}

/** Some markets of a data set, and how they are stored. */
export interface ImportBatch {
  readonly loaded: LoadedRows;
  readonly markets: readonly MarketHistory[];
  readonly protocols: ReadonlyMap<string, ProtocolEntry>;
}

/** Some markets of a data set of a source of which something is stored. */
export interface LaterBatch extends ImportBatch {
  readonly latest: MarketImportRow;
  /** The markets that were of another kind until now. */
  readonly rekinded: ReadonlySet<string>;
}

/** Before every day that counts. */
export const beginning = new Date(0);

/**
 * From which day on the risk figures of each market have to be made: the first day that has changed, or that was still going on at
 * the import before; and all of them where what else they rest on has changed.
 */
export async function findRiskFrom(
  trx: DatabaseTransaction,
  { loaded, markets, protocols, latest, rekinded }: LaterBatch,
  changes: readonly MarketChange[],
): Promise<ReadonlyMap<string, Date>> {
  const since = new Map<string, Date>();
  const makeFrom = (marketId: string, day: Date) => {
    const earlier = since.get(marketId);
    since.set(marketId, earlier !== undefined && earlier < day ? earlier : day);
  };
  for (const { market_id, changed_from } of changes) makeFrom(market_id, startOfDay(changed_from));
  const provisionalDay = startOfDay(latest.fetched_at);
  if (provisionalDay < startOfDay(loaded.fetched_at)) {
    for (const { market, observed_until } of markets) {
      if (observed_until >= provisionalDay) makeFrom(market.id, provisionalDay);
    }
  }
  const ids = markets.map(({ market }) => market.id);
  const bases = new Map(
    (await listRiskBases(trx, loaded.source, ids)).map((basis) => [basis.market_id, basis]),
  );
  for (const { market } of markets) {
    const basis = bases.get(market.id);
    const facts = seriesFacts(market, protocols.get(market.protocol));
    const isRead = latest.reading === readingVersion && !rekinded.has(market.id);
    if (!isRead || (basis !== undefined && !isBasedOn(basis, facts))) since.set(market.id, beginning);
  }
  return since;
}

/** Whether risk figures are of these facts. A launch that is not known follows from the observations. */
function isBasedOn(basis: RiskBasisRow, { protocol, kind, audit_score, launched_at }: SeriesFacts): boolean {
  // A DEX pool has no utilization, a lender is not scored without, and what is neither has no figures.
  if (kind === "unknown" || (kind === "dex") !== (basis.utilization === null)) return false;
  if (basis.protocol !== protocol || basis.audit_score !== Math.round(audit_score)) return false;
  const ageDays = launched_at === null ? undefined : dateToDay(basis.as_of) - dateToDay(launched_at);
  return ageDays === undefined || basis.age_days === Math.max(0, ageDays);
}

/**
 * The risk figures of a market, of each day that has any.
 *
 * @param from the first day to make figures of; all when it is left out
 */
export function toRiskRows(
  { market, observations }: StoredHistory,
  protocols: ReadonlyMap<string, ProtocolEntry>,
  from: Date = beginning,
): RiskRow[] {
  const series = toMarketSeries(seriesFacts(market, protocols.get(market.protocol)), observations);
  const indexOfDay = new Map(Array.from(series.days, (day, index) => [day, index]));
  return riskHistory(series, riskScore, dateToDay(from)).map(({ day, metrics, score, tvl_usd }) => {
    const index = indexOfDay.get(day) ?? -1;
    return {
      market_id: market.id,
      as_of: dayToDate(day),
      protocol: market.protocol,
      risk_score: score,
      ...metrics,
      apy: finiteOrNull(series.apy[index]),
      tvl_usd: finiteOrNull(tvl_usd),
      utilization: market.kind === "dex" ? null : metrics.utilization_bp / 10_000,
    };
  });
}

function finiteOrNull(value: number | undefined): number | null {
  return value !== undefined && Number.isFinite(value) ? value : null;
}
