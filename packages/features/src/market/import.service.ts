import type { DatabaseTransaction } from "@obsqra/db";
import type { MarketDataset, MarketHistory, ProtocolEntry } from "@obsqra/market";
import { hashMarkets, MarketSourceError, readingVersion } from "@obsqra/market";
import { riskHistory } from "@obsqra/ml";
import { writeTransaction } from "@obsqra/platform";
import { riskScore } from "@obsqra/starknet";
import { type DroppedMarketRow, replaceDroppedMarkets } from "./dropped-markets.queries.ts";
import {
  deleteFeedFailure,
  listKnownMarkets,
  listQuarantinedMarkets,
  type QuarantinedMarketRow,
  replaceQuarantinedMarkets,
} from "./feed-checks.queries.ts";
import { judgeFeed } from "./feed-checks.ts";
import {
  analyzeObservations,
  deleteImpossibleMoments,
  deleteRiskHistory,
  findLatestImport,
  insertMarketImport,
  insertRiskHistory,
  listRiskBases,
  lockImports,
  type MarketImportRow,
  type RiskBasisRow,
  type RiskRow,
  upsertMarkets,
  withoutLookups,
} from "./market.queries.ts";
import { isMarketFile, isUnchanged, type MarketDependencies, toProtocolRow } from "./market.service.ts";
import { dateToDay, dayToDate, startOfDay } from "./market-days.ts";
import {
  ofFinishedDays,
  protocolsOf,
  type SeriesFacts,
  type SeriesObservation,
  seriesFacts,
  toMarketSeries,
} from "./market-series.ts";
import {
  countObservations,
  insertMarketHistory,
  type LoadedRows,
  listObservations,
  listObservedMarkets,
  type MarketChange,
  type ObservationRow,
  removeObservations,
  type StoredUntil,
  writeNewObservations,
} from "./observations.queries.ts";
import { renewProtocolFigures } from "./protocol-figures.queries.ts";
import { storeProtocols } from "./protocol-statuses.service.ts";

/** What an import has written, in observations. */
export interface ImportedRows {
  readonly added: number;
  /** Replaced or removed on days that were over when they were loaded last: kept as revisions. */
  readonly revised: number;
  /** Replaced or removed on a day that was still going on then. */
  readonly provisional: number;
}

/** What an import has come to. */
export interface Imported {
  /** What was written; undefined when that content is stored already. */
  readonly written: ImportedRows | undefined;
  /** Of which markets nothing is taken for now, and since when. */
  readonly quarantined: readonly QuarantinedMarketRow[];
  /** Which markets have lost their risk score with this import. */
  readonly dropped: readonly DroppedMarketRow[];
  /** Which protocols are not active any more with this import, by name. */
  readonly deactivated: readonly string[];
}

/** A market and what is stored of it. */
interface StoredHistory {
  readonly market: MarketHistory["market"];
  readonly observations: readonly SeriesObservation[];
}

/** The most rows in one statement: enough to be fast, and not so many that they take much memory. */
const rowsPerStatement = 2_000;

/**
 * Stores what is new in a data set: protocols, markets, observations, and the risk figures that follow from them. All or nothing, and
 * one process at a time per source. What is stored already is not written again. An observation that says something else than the
 * stored one of its moment replaces it, and so does a file that has it no more; where its day was over when it was loaded last, what
 * was known is kept as a revision, so that the history as an import knew it can be told.
 *
 * A feed is judged beside what is stored of it: refused, or its doubted markets left out, which is kept and stays so until a load has
 * them whole.
 *
 * @param onProgress called with the share of the work done, 0 to 1
 * @throws MarketSourceError `NOTHING_READABLE` when the data set has no market, `IMPLAUSIBLE` when it is refused
 */
export async function importDataset(
  deps: MarketDependencies,
  loaded: MarketDataset,
  onProgress: (fraction: number) => void = () => {},
): Promise<Imported> {
  if (loaded.markets.length === 0) {
    throw new MarketSourceError(
      "NOTHING_READABLE",
      `The market source ${loaded.source} brought nothing that can be read: each of its rows was refused.`,
    );
  }
  const imported = await writeTransaction(deps, async (trx, emit): Promise<Imported> => {
    await lockImports(trx, loaded.source);
    const latest = await findLatestImport(trx, loaded.source);
    const { dataset, quarantined } = isMarketFile(loaded.source)
      ? { dataset: loaded, quarantined: [] }
      : await acceptFeed(trx, deps, loaded);
    await deleteFeedFailure(trx, loaded.source);
    if (latest !== undefined && isUnchanged(latest, dataset))
      return { written: undefined, quarantined, dropped: [], deactivated: [] };
    if (latest !== undefined && !isMarketFile(dataset.source)) await deleteImpossibleMoments(trx, dataset);

    const protocols = protocolsOf(dataset.markets);
    const deactivated = await storeProtocols(trx, emit, [...protocols.values()].map(toProtocolRow));
    for (const markets of slices(dataset.markets, rowsPerStatement)) {
      await upsertMarkets(
        trx,
        markets.map(({ market }) => market),
      );
    }
    const id = deps.createId();
    const rows = await withoutLookups(trx, () =>
      storeRows(trx, { dataset, importId: id, latest, protocols, onProgress }),
    );
    await renewProtocolFigures(trx, dataset.source);
    const observedUntil = newestObservation(dataset.markets);
    await insertMarketImport(trx, {
      id,
      source: dataset.source,
      simulated: dataset.simulated,
      content_sha256: dataset.content_sha256,
      report: JSON.stringify({ ...dataset.report, written: rows }),
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
    const dropped = await replaceDroppedMarkets(trx, dataset.source);
    return { written: rows, quarantined, dropped, deactivated };
  });
  if (imported.written !== undefined) await analyzeObservations(deps.db);
  return imported;
}

/** Takes of a feed what can be believed, and keeps why the rest is left out. */
async function acceptFeed(
  trx: DatabaseTransaction,
  { clock }: Pick<MarketDependencies, "clock">,
  loaded: MarketDataset,
): Promise<{ dataset: MarketDataset; quarantined: QuarantinedMarketRow[] }> {
  const { source } = loaded;
  const { refusal, quarantined: doubts } = judgeFeed(loaded, await listKnownMarkets(trx, source));
  if (refusal !== undefined) {
    throw new MarketSourceError("IMPLAUSIBLE", `What ${source} sent is not taken. ${refusal}`);
  }
  const before = new Map(
    (await listQuarantinedMarkets(trx, source)).map(({ market_id, since }) => [market_id, since]),
  );
  const quarantined = doubts.map(({ market, cause, reason }) => ({
    market_id: market.id,
    protocol: market.protocol,
    symbol: market.symbol,
    cause,
    reason,
    since: before.get(market.id) ?? clock(),
  }));
  if (quarantined.length > 0 || before.size > 0) await replaceQuarantinedMarkets(trx, source, quarantined);
  if (quarantined.length === 0) return { dataset: loaded, quarantined };
  const out = new Set(quarantined.map(({ market_id }) => market_id));
  const markets = loaded.markets.filter(({ market }) => !out.has(market.id));
  if (markets.length === 0) {
    throw new MarketSourceError(
      "IMPLAUSIBLE",
      `What ${source} sent is not taken. All of its markets are doubted.`,
    );
  }
  return { dataset: { ...loaded, markets, content_sha256: hashMarkets(markets) }, quarantined };
}

/** What storing rests on. */
interface Storing {
  readonly dataset: MarketDataset;
  readonly importId: string;
  /** The import before; undefined when nothing is stored of the source. */
  readonly latest: MarketImportRow | undefined;
  readonly protocols: ReadonlyMap<string, ProtocolEntry>;
  readonly onProgress: (fraction: number) => void;
}

/** Stores observations and risk figures, some markets at a time. */
async function storeRows(trx: DatabaseTransaction, storing: Storing): Promise<ImportedRows> {
  const { dataset, importId, latest, protocols, onProgress } = storing;
  const { source, fetched_at } = dataset;
  const loaded = { source, fetched_at, import_id: importId };
  const written = { added: 0, revised: 0, provisional: 0 };
  const count = (changes: readonly Omit<MarketChange, "market_id" | "changed_from">[]) => {
    for (const { added, revised, provisional } of changes) {
      written.added += added;
      written.revised += revised;
      written.provisional += provisional;
    }
  };
  for (const { markets, fractionDone } of batches(dataset.markets)) {
    if (latest === undefined) {
      count([await storeFirstRows(trx, { loaded, markets, protocols })]);
    } else {
      count(await storeNews(trx, { loaded, markets, protocols, latest }));
    }
    onProgress(fractionDone);
  }
  if (latest !== undefined && isMarketFile(source)) count(await removeMissingMarkets(trx, storing));
  return written;
}

/** Some markets of a data set, and how they are stored. */
interface Batch {
  readonly loaded: LoadedRows;
  readonly markets: readonly MarketHistory[];
  readonly protocols: ReadonlyMap<string, ProtocolEntry>;
}

/** Stores markets of a source of which nothing is stored, so that nothing has to be looked for. */
async function storeFirstRows(trx: DatabaseTransaction, { loaded, markets, protocols }: Batch) {
  for (const slice of slices(markets.flatMap(toObservationRows), rowsPerStatement)) {
    await insertMarketHistory(trx, loaded, slice);
  }
  const figures = markets.map(finished(loaded)).flatMap((history) => toRiskRows(history, protocols));
  for (const slice of slices(figures, rowsPerStatement)) await insertRiskHistory(trx, loaded.source, slice);
  const added = markets.reduce((sum, { observation_count }) => sum + observation_count, 0);
  return { added, revised: 0, provisional: 0 };
}

/** Stores what is new of markets, and the risk figures from the first day that is. */
async function storeNews(
  trx: DatabaseTransaction,
  batch: Batch & { readonly latest: MarketImportRow },
): Promise<MarketChange[]> {
  const { loaded, markets, protocols, latest } = batch;
  const isFile = isMarketFile(loaded.source);
  const stored = { ...loaded, finalBefore: startOfDay(latest.fetched_at) };
  const rows = markets.flatMap(toObservationRows);
  const changes: MarketChange[] = [];
  for (const slice of slices(rows, rowsPerStatement)) {
    changes.push(...(await writeNewObservations(trx, stored, slice)));
  }
  if (isFile) changes.push(...(await removeMissingRows(trx, stored, markets)));
  const since = await findRiskFrom(trx, batch, changes);
  const changed = markets.filter(({ market }) => since.has(market.id));
  if (changed.length === 0) return changes;
  // A file is all there is, and need not be read again.
  const histories = isFile ? changed.map(finished(loaded)) : await listStoredHistories(trx, loaded, changed);
  await deleteRiskHistory(
    trx,
    loaded.source,
    Array.from(since, ([market_id, from]) => ({ market_id, from })),
  );
  const figures = histories.flatMap((history) =>
    toRiskRows(history, protocols, since.get(history.market.id)),
  );
  for (const slice of slices(figures, rowsPerStatement)) await insertRiskHistory(trx, loaded.source, slice);
  return changes;
}

/** Of a market, what was observed on days that were over when it was loaded. */
function finished({ fetched_at }: LoadedRows): (history: MarketHistory) => StoredHistory {
  return ({ market, observations }) => ({ market, observations: ofFinishedDays(observations, fetched_at) });
}

/** Removes what a file does not have any more of markets that it has. */
async function removeMissingRows(
  trx: DatabaseTransaction,
  stored: LoadedRows & StoredUntil,
  markets: readonly MarketHistory[],
): Promise<MarketChange[]> {
  const counts = await countObservations(
    trx,
    stored.source,
    markets.map(({ market }) => market.id),
  );
  const shorter = markets.filter(
    ({ market, observation_count }) => (counts.get(market.id) ?? 0) > observation_count,
  );
  if (shorter.length === 0) return [];
  return removeObservations(trx, stored, {
    marketIds: shorter.map(({ market }) => market.id),
    kept: shorter.flatMap(toObservationRows),
  });
}

/** Removes the markets that a file does not have any more. */
async function removeMissingMarkets(
  trx: DatabaseTransaction,
  { dataset, importId, latest }: Storing,
): Promise<MarketChange[]> {
  const { source, markets } = dataset;
  const present = new Set(markets.map(({ market }) => market.id));
  const missing = (await listObservedMarkets(trx, source)).filter((id) => !present.has(id));
  if (latest === undefined || missing.length === 0) return [];
  const stored = { source, import_id: importId, finalBefore: startOfDay(latest.fetched_at) };
  const changes = await removeObservations(trx, stored, { marketIds: missing, kept: [] });
  await deleteRiskHistory(
    trx,
    source,
    missing.map((market_id) => ({ market_id, from: beginning })),
  );
  return changes;
}

const beginning = new Date(0);

/**
 * From which day on the risk figures of each market have to be made: the first day that has changed, or that was still going on at
 * the import before; and all of them where what else they rest on has changed.
 */
async function findRiskFrom(
  trx: DatabaseTransaction,
  { loaded, markets, protocols, latest }: Batch & { readonly latest: MarketImportRow },
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
    const isSame = latest.reading === readingVersion && (basis === undefined || isBasedOn(basis, facts));
    if (!isSame) since.set(market.id, beginning);
  }
  return since;
}

/** Whether risk figures are of these facts. A launch that is not known follows from the observations. */
function isBasedOn(basis: RiskBasisRow, { protocol, audit_score, launched_at }: SeriesFacts): boolean {
  if (basis.protocol !== protocol || basis.audit_score !== Math.round(audit_score)) return false;
  const ageDays = launched_at === null ? undefined : dateToDay(basis.as_of) - dateToDay(launched_at);
  return ageDays === undefined || basis.age_days === Math.max(0, ageDays);
}

/**
 * The markets with everything that is stored of days that were over. A load may reach back less far than the previous one, and scoring
 * its first days without the days before would change what was already served.
 */
async function listStoredHistories(
  trx: DatabaseTransaction,
  { source, fetched_at }: LoadedRows,
  histories: readonly MarketHistory[],
): Promise<StoredHistory[]> {
  const ids = histories.map(({ market }) => market.id);
  const byMarket = Map.groupBy(
    await listObservations(trx, { source, before: startOfDay(fetched_at) }, ids),
    ({ market_id }) => market_id,
  );
  return histories.map(({ market }) => ({ market, observations: byMarket.get(market.id) ?? [] }));
}

function toObservationRows({ market, observations }: MarketHistory): ObservationRow[] {
  return observations.map((observation) => ({ market_id: market.id, ...observation }));
}

/** @param from the first day to make figures of; all when it is left out */
function toRiskRows(
  { market, observations }: StoredHistory,
  protocols: ReadonlyMap<string, ProtocolEntry>,
  from: Date = beginning,
): RiskRow[] {
  const series = toMarketSeries(seriesFacts(market, protocols.get(market.protocol)), observations);
  const indexOfDay = new Map(Array.from(series.days, (day, index) => [day, index]));
  return riskHistory(series, riskScore, dateToDay(from)).map(({ day, metrics, score }) => {
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
