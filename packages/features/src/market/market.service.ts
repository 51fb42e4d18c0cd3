import type { DataSource } from "@obsqra/contract";
import type { Database, DatabaseTransaction } from "@obsqra/db";
import type { MarketDataset, MarketHistory, ProtocolEntry } from "@obsqra/market";
import { MarketSourceError, protocolRegistry, readingVersion } from "@obsqra/market";
import type { MarketSeries } from "@obsqra/ml";
import { riskHistory } from "@obsqra/ml";
import { type CreateId, writeTransaction } from "@obsqra/platform";
import { riskScore } from "@obsqra/starknet";
import {
  analyzeObservations,
  deleteImpossibleMoments,
  deleteObservations,
  findLatestImport,
  insertMarketHistory,
  insertMarketImport,
  listObservations,
  listSeriesFacts,
  lockImports,
  type MarketImportRow,
  type NewProtocolRow,
  type ObservationRow,
  type RiskRow,
  upsertMarkets,
  upsertProtocols,
  upsertRiskHistory,
  withoutLookups,
} from "./market.queries.ts";
import { dayToDate } from "./market-days.ts";
import { protocolsOf, type SeriesObservation, seriesFacts, toMarketSeries } from "./market-series.ts";
import type { ServedImport } from "./served-data.fragments.ts";

export type { MarketImportRow };

/** What importing and reading market data uses. */
export interface MarketDependencies {
  readonly db: Database;
  readonly clock: () => Date;
  readonly createId: CreateId;
}

/** A market and what is stored of it. */
interface StoredHistory {
  readonly market: MarketHistory["market"];
  readonly observations: readonly SeriesObservation[];
}

/** The most rows in one statement: enough to be fast, and not so many that they take much memory. */
const rowsPerStatement = 2_000;

/** The newest completed import of a source, or undefined when there is none. */
export async function findImport(
  deps: { db: Database },
  source: string,
): Promise<MarketImportRow | undefined> {
  return findLatestImport(deps.db, source);
}

/**
 * Stores a data set: protocols, markets, observations, and the risk figures that follow from them. All or nothing, and
 * one process at a time per source; content that is already stored is not stored again.
 *
 * @param onProgress called with the share of the work done, 0 to 1
 * @throws MarketSourceError `NOTHING_READABLE` when the data set has no market
 */
export async function importDataset(
  deps: MarketDependencies,
  dataset: MarketDataset,
  onProgress: (fraction: number) => void = () => {},
): Promise<void> {
  if (dataset.markets.length === 0) {
    throw new MarketSourceError(
      "NOTHING_READABLE",
      `The market source ${dataset.source} brought nothing that can be read: each of its rows was refused.`,
    );
  }
  await writeTransaction(deps, async (trx, emit) => {
    await lockImports(trx, dataset.source);
    const latest = await findLatestImport(trx, dataset.source);
    if (latest !== undefined && isUnchanged(latest, dataset.content_sha256)) return;
    // A file is the whole history of its source, so a changed file replaces what the earlier one brought.
    const isFirst = latest === undefined || isMarketFile(dataset.source);
    if (isFirst) await deleteObservations(trx, dataset.source);
    else await deleteImpossibleMoments(trx, dataset);

    const protocols = protocolsOf(dataset.markets);
    await upsertProtocols(trx, [...protocols.values()].map(toProtocolRow));
    for (const markets of slices(dataset.markets, rowsPerStatement)) {
      await upsertMarkets(
        trx,
        markets.map(({ market }) => market),
      );
    }
    await withoutLookups(trx, () => storeRows(trx, dataset, { isFirst, protocols, onProgress }));
    const id = deps.createId();
    const observedUntil = newestObservation(dataset.markets);
    await insertMarketImport(trx, {
      id,
      source: dataset.source,
      simulated: dataset.simulated,
      content_sha256: dataset.content_sha256,
      report: JSON.stringify(dataset.report),
      observed_until: observedUntil,
      fetched_at: dataset.fetched_at,
      completed_at: deps.clock(),
    });
    emit({
      type: "market_data.imported",
      subject: id,
      owner_id: null,
      payload: {
        source: dataset.source,
        markets: dataset.markets.length,
        observed_until: observedUntil.toISOString(),
      },
    });
  });
  await analyzeObservations(deps.db);
}

interface StoreOptions {
  /** Nothing is stored of the source. */
  readonly isFirst: boolean;
  readonly protocols: ReadonlyMap<string, ProtocolEntry>;
  readonly onProgress: (fraction: number) => void;
}

/** Stores observations and risk figures, some markets at a time. */
async function storeRows(
  trx: DatabaseTransaction,
  { source, fetched_at, markets }: MarketDataset,
  { isFirst, protocols, onProgress }: StoreOptions,
): Promise<void> {
  const loaded = { source, fetched_at, isFirst };
  for (const batch of batches(markets)) {
    for (const rows of slices(batch.markets.flatMap(toObservationRows), rowsPerStatement)) {
      await insertMarketHistory(trx, loaded, rows);
    }
    // What was brought first is all there is, and need not be read again.
    const stored = isFirst ? batch.markets : await listStoredHistories(trx, source, batch.markets);
    const figures = stored.flatMap((history) => toRiskRows(history, protocols));
    for (const rows of slices(figures, rowsPerStatement)) await upsertRiskHistory(trx, loaded, rows);
    onProgress(batch.fractionDone);
  }
}

/** Whether an import has brought this content, read by the rules of this version. */
export function isUnchanged(latest: MarketImportRow, contentSha256: string): boolean {
  return latest.content_sha256 === contentSha256 && latest.reading === readingVersion;
}

/** Whether a source is a file, which is the whole of its history and ends where it ends; the others go on. */
export function isMarketFile(source: string): boolean {
  return source.startsWith("file:");
}

/** Adds the protocols that the registry knows, with or without data. */
export async function registerProtocols(deps: { db: Database }): Promise<void> {
  await upsertProtocols(deps.db, protocolRegistry.map(toProtocolRow));
}

/** Daily series of every market of a source, by market id: what the models learn from. */
export async function loadPanel(deps: { db: Database }, source: string): Promise<MarketSeries[]> {
  const facts = await listSeriesFacts(deps.db, source);
  const panel: MarketSeries[] = [];
  // So few that making series of them does not hold up this thread.
  const marketsPerQuery = 10;
  for (let start = 0; start < facts.length; start += marketsPerQuery) {
    const chunk = facts.slice(start, start + marketsPerQuery);
    const ids = chunk.map(({ market_id }) => market_id);
    const byMarket = Map.groupBy(await listObservations(deps.db, source, ids), ({ market_id }) => market_id);
    panel.push(...chunk.map((market) => toMarketSeries(market, byMarket.get(market.market_id) ?? [])));
  }
  return panel;
}

/** Where the served figures come from, as every response says. */
export function toDataSource(source: string, served: ServedImport | null): DataSource {
  return {
    name: source,
    simulated: served?.simulated ?? source === "simulated",
    as_of: served === null ? null : new Date(served.observed_until).toISOString(),
    fetched_at: served === null ? null : new Date(served.fetched_at).toISOString(),
  };
}

/**
 * The markets with everything that is stored of them. A load may reach back less far than the previous one, and scoring
 * its first days without the days before would change what was already served.
 */
async function listStoredHistories(
  db: Database,
  source: string,
  histories: readonly MarketHistory[],
): Promise<StoredHistory[]> {
  const ids = histories.map(({ market }) => market.id);
  const byMarket = Map.groupBy(await listObservations(db, source, ids), ({ market_id }) => market_id);
  return histories.map(({ market }) => ({ market, observations: byMarket.get(market.id) ?? [] }));
}

function toProtocolRow(entry: ProtocolEntry): NewProtocolRow {
  return {
    name: entry.name,
    display_name: entry.display_name,
    kind: entry.kind,
    status: entry.status,
    status_since: toDate(entry.status_since),
    evidence_url: entry.evidence_url,
    audit_score: entry.audit_score,
    audit_evidence_url: entry.audit_evidence_url,
    launched_at: toDate(entry.launched_on),
    incidents: JSON.stringify(entry.incidents),
  };
}

function toDate(isoDate: string | null): Date | null {
  return isoDate === null ? null : new Date(isoDate);
}

function toObservationRows({ market, observations }: MarketHistory): ObservationRow[] {
  return observations.map((observation) => ({ market_id: market.id, ...observation }));
}

function toRiskRows(
  { market, observations }: StoredHistory,
  protocols: ReadonlyMap<string, ProtocolEntry>,
): RiskRow[] {
  const series = toMarketSeries(seriesFacts(market, protocols.get(market.protocol)), observations);
  const indexOfDay = new Map(Array.from(series.days, (day, index) => [day, index]));
  return riskHistory(series, riskScore).map(({ day, metrics, score }) => {
    const index = indexOfDay.get(day) ?? -1;
    return {
      market_id: market.id,
      as_of: dayToDate(day),
      protocol: market.protocol,
      risk_score: score,
      ...metrics,
      apy: finiteOrNull(series.apy[index]),
      tvl_usd: finiteOrNull(series.tvl_usd[index]),
      utilization: market.kind === "dex" ? null : metrics.utilization_bp / 10_000,
    };
  });
}

function finiteOrNull(value: number | undefined): number | null {
  return value !== undefined && Number.isFinite(value) ? value : null;
}

function newestObservation(markets: readonly MarketHistory[]): Date {
  const times = markets.map(({ observed_until }) => observed_until.getTime());
  return new Date(times.reduce((newest, time) => Math.max(newest, time), 0));
}

/** Groups whole markets so that a group has a statement's rows or so, or is one market that has more. */
function* batches(markets: readonly MarketHistory[]) {
  let batch: MarketHistory[] = [];
  let size = 0;
  for (const [index, history] of markets.entries()) {
    batch.push(history);
    size += history.observation_count;
    const next = markets[index + 1]?.observation_count ?? Number.POSITIVE_INFINITY;
    if (size + next > rowsPerStatement) {
      yield { markets: batch, fractionDone: (index + 1) / markets.length };
      batch = [];
      size = 0;
    }
  }
}

function* slices<TItem>(items: readonly TItem[], length: number): Generator<readonly TItem[]> {
  for (let start = 0; start < items.length; start += length) yield items.slice(start, start + length);
}
