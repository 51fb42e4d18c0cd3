import type { DatabaseTransaction } from "@obsqra/db";
import type { MarketDataset, MarketHistory, ProtocolEntry } from "@obsqra/market";
import {
  deleteRiskHistory,
  insertRiskHistory,
  type MarketImportRow,
  upsertMarkets,
} from "./market.queries.ts";
import { isMarketFile } from "./market.service.ts";
import { startOfDay } from "./market-days.ts";
import { ofFinishedDays } from "./market-series.ts";
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
import {
  beginning,
  findRiskFrom,
  type ImportBatch,
  type LaterBatch,
  type StoredHistory,
  toRiskRows,
} from "./risk-rows.service.ts";

/** What an import has written, in observations. */
export interface ImportedRows {
  readonly added: number;
  /** Replaced or removed on days that were over when they were loaded last: kept as revisions. */
  readonly revised: number;
  /** Replaced or removed on a day that was still going on then. */
  readonly provisional: number;
}

/** The most rows in one statement: enough to be fast, and not so many that they take much memory. */
const rowsPerStatement = 2_000;

/**
 * Adds markets, or brings what is known about them up to date.
 *
 * @returns those that were known to be of another kind, by id
 */
export async function storeMarkets(
  trx: DatabaseTransaction,
  histories: readonly MarketHistory[],
): Promise<ReadonlySet<string>> {
  const rekinded = new Set<string>();
  for (const slice of slices(histories, rowsPerStatement)) {
    const markets = slice.map(({ market }) => market);
    for (const id of await upsertMarkets(trx, markets)) rekinded.add(id);
  }
  return rekinded;
}

/** What storing rests on. */
interface Storing {
  readonly dataset: MarketDataset;
  readonly importId: string;
  /** The import before; undefined when nothing is stored of the source. */
  readonly latest: MarketImportRow | undefined;
  readonly protocols: ReadonlyMap<string, ProtocolEntry>;
  /** The markets that were of another kind until now. */
  readonly rekinded: ReadonlySet<string>;
  readonly onProgress: (fraction: number) => void;
}

/** Stores observations and risk figures, some markets at a time. */
export async function storeRows(trx: DatabaseTransaction, storing: Storing): Promise<ImportedRows> {
  const { dataset, importId, latest, protocols, rekinded, onProgress } = storing;
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
      count(await storeNews(trx, { loaded, markets, protocols, rekinded, latest }));
    }
    onProgress(fractionDone);
  }
  if (latest !== undefined && isMarketFile(source)) count(await removeMissingMarkets(trx, storing));
  return written;
}

/** Stores markets of a source of which nothing is stored, so that nothing has to be looked for. */
async function storeFirstRows(trx: DatabaseTransaction, { loaded, markets, protocols }: ImportBatch) {
  for (const slice of slices(markets.flatMap(toObservationRows), rowsPerStatement)) {
    await insertMarketHistory(trx, loaded, slice);
  }
  const figures = markets.map(finished(loaded)).flatMap((history) => toRiskRows(history, protocols));
  for (const slice of slices(figures, rowsPerStatement)) await insertRiskHistory(trx, loaded.source, slice);
  const added = markets.reduce((sum, { observation_count }) => sum + observation_count, 0);
  return { added, revised: 0, provisional: 0 };
}

/** Stores what is new of markets, and the risk figures from the first day that is. */
async function storeNews(trx: DatabaseTransaction, batch: LaterBatch): Promise<MarketChange[]> {
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
