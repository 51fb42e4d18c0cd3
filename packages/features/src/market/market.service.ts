import type { DataSource } from "@obsqra/contract";
import type { Database } from "@obsqra/db";
import type { ProtocolEntry } from "@obsqra/market";
import { protocolRegistry, readingVersion } from "@obsqra/market";
import type { MarketSeries } from "@obsqra/ml";
import { type CreateId, latestMoment, type WriteDependencies, writeTransaction } from "@obsqra/platform";
import {
  findKnownSource,
  findLatestImport,
  listSeriesFacts,
  type MarketImportRow,
  type NewProtocolRow,
} from "./market.queries.ts";
import { startOfDay } from "./market-days.ts";
import { type SeriesFacts, type SeriesObservation, toMarketSeries } from "./market-series.ts";
import { listKnownObservations, listObservations } from "./observations.queries.ts";
import { storeProtocols } from "./protocol-statuses.service.ts";
import { revisionDays } from "./retention.service.ts";
import type { ServedImport } from "./served-data.fragments.ts";

export type { MarketImportRow };

/** What importing and reading market data uses. */
export interface MarketDependencies {
  readonly db: Database;
  readonly clock: () => Date;
  readonly createId: CreateId;
}

/**
 * The newest completed import of a source, or undefined when there is none. Of what a clock that ran ahead has brought, only the days
 * that have come are served and learned from: its times are no later than now.
 */
export async function findImport(
  { db, clock }: Pick<MarketDependencies, "db" | "clock">,
  source: string,
): Promise<MarketImportRow | undefined> {
  const latest = await findLatestImport(db, source);
  if (latest === undefined) return undefined;
  const now = latestMoment(clock());
  const notAfter = (moment: Date) => (moment <= now ? moment : startOfDay(now));
  return {
    ...latest,
    observed_until: notAfter(latest.observed_until),
    fetched_at: notAfter(latest.fetched_at),
  };
}

/**
 * Whether an import has brought this content, read by the rules of this version and with what operators say of kinds, so that loading
 * it again would add nothing. It does where the content has a day that was still going on then, and is over by now, and where it was
 * loaded by a clock that ran ahead.
 */
export function isUnchanged(
  latest: MarketImportRow,
  now: {
    readonly content_sha256: string;
    readonly fetched_at: Date;
    /** How many decisions about kinds there are. */
    readonly kind_decisions: number;
  },
): boolean {
  const { content_sha256, fetched_at, kind_decisions } = now;
  const hasFinishedDay =
    latest.observed_until >= startOfDay(latest.fetched_at) && startOfDay(fetched_at) > latest.observed_until;
  const wasAhead = latest.fetched_at > latestMoment(fetched_at);
  const isReadAlike = latest.reading === readingVersion && latest.kind_decisions === kind_decisions;
  return latest.content_sha256 === content_sha256 && isReadAlike && !hasFinishedDay && !wasAhead;
}

/** Whether a source is a file, which is the whole of its history and ends where it ends; the others go on. */
export function isMarketFile(source: string): boolean {
  return source.startsWith("file:");
}

/** Adds the protocols that the registry knows, with or without data. */
export async function registerProtocols(deps: WriteDependencies): Promise<void> {
  await writeTransaction(deps, (trx, emit) => storeProtocols(trx, emit, protocolRegistry.map(toProtocolRow)));
}

/**
 * Daily series of every market of a source, by market id: what the models learn from. They end with the last day that was over when
 * the source was loaded.
 */
export async function loadPanel(
  deps: Pick<MarketDependencies, "db" | "clock">,
  source: string,
): Promise<MarketSeries[]> {
  const latest = await findImport(deps, source);
  if (latest === undefined) return [];
  const finished = { source, before: startOfDay(latest.fetched_at) };
  return readPanel(await listSeriesFacts(deps.db, source), (ids) => listObservations(deps.db, finished, ids));
}

/**
 * The same as an import knew the history, whatever came later: what a forecast that names the import was made from, and what an
 * outcome was read from. What is known of protocols is today's. What imports of versions that did not say so brought counts as there
 * from the start.
 *
 * @returns nothing when there is no such import, or when it was followed by another one more than 400 days before the newest
 */
export async function loadPanelOf(deps: { db: Database }, importId: string): Promise<MarketSeries[]> {
  const source = await findKnownSource(deps.db, { importId, days: revisionDays });
  if (source === undefined) return [];
  const panel = await readPanel(await listSeriesFacts(deps.db, source, { withRevised: true }), (ids) =>
    listKnownObservations(deps.db, importId, ids),
  );
  return panel.filter(({ days }) => days.length > 0);
}

async function readPanel(
  facts: readonly SeriesFacts[],
  read: (marketIds: readonly string[]) => Promise<readonly (SeriesObservation & { market_id: string })[]>,
): Promise<MarketSeries[]> {
  const panel: MarketSeries[] = [];
  // So few that making series of them does not hold up this thread.
  const marketsPerQuery = 10;
  for (let start = 0; start < facts.length; start += marketsPerQuery) {
    const chunk = facts.slice(start, start + marketsPerQuery);
    const ids = chunk.map(({ market_id }) => market_id);
    const byMarket = Map.groupBy(await read(ids), ({ market_id }) => market_id);
    panel.push(...chunk.map((market) => toMarketSeries(market, byMarket.get(market.market_id) ?? [])));
  }
  return panel;
}

/** Where the served figures come from, as every response says. */
export function toDataSource(source: string, served: ServedImport | null): DataSource {
  return {
    name: source,
    simulated: served?.simulated ?? source === "simulated",
    replay: isMarketFile(source),
    as_of: served === null ? null : new Date(served.observed_until).toISOString(),
    fetched_at: served === null ? null : new Date(served.fetched_at).toISOString(),
  };
}

/** A protocol of the registry or a feed as a row. */
export function toProtocolRow(entry: ProtocolEntry): NewProtocolRow {
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
