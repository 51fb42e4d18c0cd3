import { type MarketDataset, type MarketHistory, MarketSourceError } from "@obsqra/market";
import { writeTransaction } from "@obsqra/platform";
import { acceptFeed } from "./accept-feed.service.ts";
import {
  type DroppedMarketRow,
  listScoredMarkets,
  replaceDroppedMarkets,
} from "./dropped-markets.queries.ts";
import { deleteFeedFailure, type QuarantinedMarketRow } from "./feed-checks.queries.ts";
import type { DoubtedValue } from "./feed-checks.ts";
import {
  analyzeObservations,
  deleteImpossibleMoments,
  findLatestImport,
  insertMarketImport,
  lockImports,
  withoutLookups,
} from "./market.queries.ts";
import { isMarketFile, isUnchanged, type MarketDependencies, toProtocolRow } from "./market.service.ts";
import { protocolsOf } from "./market-series.ts";
import { renewProtocolFigures } from "./protocol-figures.queries.ts";
import { settleKinds } from "./protocol-kinds.service.ts";
import { storeProtocols } from "./protocol-statuses.service.ts";
import { type ImportedRows, storeMarkets, storeRows } from "./store-rows.service.ts";

/** What an import has come to. */
export interface Imported {
  /** What was written; undefined when that content is stored already. */
  readonly written: ImportedRows | undefined;
  /** Of which markets nothing is taken for now, and since when. */
  readonly quarantined: readonly QuarantinedMarketRow[];
  /** Which newest values are taken for unknown, where those before were believed. */
  readonly doubted: readonly DoubtedValue[];
  /** Which markets have lost their risk score with this import. */
  readonly dropped: readonly DroppedMarketRow[];
  /** Which protocols are not active any more with this import, by name. */
  readonly deactivated: readonly string[];
}

/**
 * Stores what is new in a data set: protocols, markets, observations, and the risk figures that follow from them. All or nothing, and
 * one process at a time per source. What is stored already is not written again. An observation that says something else than the
 * stored one of its moment replaces it, and so does a file that has it no more; where its day was over when it was loaded last, what
 * was known is kept as a revision, so that the history as an import knew it can be told.
 *
 * It is judged beside what is stored of its source: refused, or its doubted markets left out, which is kept and stays so until a load
 * has them whole or an operator accepts it.
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
    const { rows_read, rejected } = loaded.report;
    const what =
      rows_read === 0
        ? "nothing: it has no market of the protocols that are watched"
        : `nothing that can be read: ${rows_read === 1 ? "its only row" : `each of its ${rows_read} rows`} was refused${rejected[0] === undefined ? "" : `, the first because ${rejected[0].reason}`}`;
    throw new MarketSourceError("NOTHING_READABLE", `The market source ${loaded.source} brought ${what}.`);
  }
  const imported = await writeTransaction(deps, async (trx, emit): Promise<Imported> => {
    await lockImports(trx, loaded.source);
    const latest = await findLatestImport(trx, loaded.source);
    const accepted = await acceptFeed(trx, loaded, { clock: deps.clock, latest });
    const { quarantined, doubted } = accepted;
    const { dataset, decisions } = await settleKinds(trx, accepted.dataset);
    await deleteFeedFailure(trx, loaded.source);
    if (latest !== undefined && isUnchanged(latest, { ...dataset, kind_decisions: decisions }))
      return { written: undefined, quarantined, doubted: [], dropped: [], deactivated: [] };
    if (latest !== undefined && !isMarketFile(dataset.source)) await deleteImpossibleMoments(trx, dataset);

    const asked = { source: dataset.source, now: deps.clock() };
    const scoredBefore = await listScoredMarkets(trx, asked);
    const protocols = protocolsOf(dataset.markets);
    const deactivated = await storeProtocols(trx, emit, [...protocols.values()].map(toProtocolRow));
    const rekinded = await storeMarkets(trx, dataset.markets);
    const id = deps.createId();
    const rows = await withoutLookups(trx, () =>
      storeRows(trx, { dataset, importId: id, latest, protocols, rekinded, onProgress }),
    );
    await renewProtocolFigures(trx, dataset.source);
    const observedUntil = newestObservation(dataset.markets);
    await insertMarketImport(trx, {
      id,
      source: dataset.source,
      simulated: dataset.simulated,
      content_sha256: dataset.content_sha256,
      report: JSON.stringify({ ...dataset.report, written: rows, kind_decisions: decisions }),
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
    const dropped = await replaceDroppedMarkets(trx, asked, scoredBefore);
    return { written: rows, quarantined, doubted, dropped, deactivated };
  });
  if (imported.written !== undefined) await analyzeObservations(deps.db);
  return imported;
}

function newestObservation(markets: readonly MarketHistory[]): Date {
  const times = markets.map(({ observed_until }) => observed_until.getTime());
  return new Date(times.reduce((newest, time) => Math.max(newest, time), 0));
}
