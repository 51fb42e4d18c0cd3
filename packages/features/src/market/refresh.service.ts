import type { MarketDataset, MarketSource } from "@obsqra/market";
import { MarketSourceError, readingVersion } from "@obsqra/market";
import type { Logger } from "@obsqra/platform";
import type { DroppedMarketRow } from "./dropped-markets.queries.ts";
import {
  deleteFeedFailure,
  type FeedFailureRow,
  findFeedFailure,
  isFeedAccepted,
  listQuarantinedMarkets,
  type QuarantinedMarketRow,
  takeFeedAcceptance,
  upsertFeedFailure,
} from "./feed-checks.queries.ts";
import { type Imported, importDataset } from "./import.service.ts";
import { findLatestImport } from "./market.queries.ts";
import {
  isMarketFile,
  isUnchanged,
  type MarketDependencies,
  type MarketImportRow,
} from "./market.service.ts";
import { dateToDay, newestFinishedDay } from "./market-days.ts";
import { findKindDecisions } from "./protocol-kinds.queries.ts";

/** What keeping market history up to date uses. */
export interface RefreshDependencies extends MarketDependencies {
  readonly source: MarketSource;
  readonly log: Pick<Logger, "warn">;
}

/** How a caller follows, or stops, a refresh. */
export interface RefreshOptions {
  readonly signal: AbortSignal;
  /** Called when the source is asked; gives what hears of how far that has come, 0 to 1. */
  readonly onLoading?: () => (fraction: number) => void;
  readonly onLoaded?: (dataset: MarketDataset) => void;
  /** The same for storing. */
  readonly onStoring?: () => (fraction: number) => void;
}

/** What a refresh has come to. */
export interface Refreshed {
  /** `failed` when what was stored before goes on being served. */
  readonly outcome: "imported" | "unchanged" | "failed";
  /** The newest observation that is stored. */
  readonly observed_until: Date;
  /** Why it has failed. */
  readonly reason?: string;
  /** Of which markets nothing is taken for now; left out when the source was not asked. */
  readonly quarantined?: readonly QuarantinedMarketRow[];
  /** Which markets have lost their risk score now; left out like `quarantined`. */
  readonly dropped?: readonly DroppedMarketRow[];
  /** Which protocols are not active any more; left out like `quarantined`. */
  readonly deactivated?: readonly string[];
}

/**
 * Loads what the source has, unless it is stored already: a file when its content or our rules of reading it have changed, an
 * operator has said of what kind markets are, or a day that was still going on is over; a feed once in each UTC day, and each time that it is asked for until it has the day before and no
 * market is quarantined. What cannot be loaded, or believed, changes nothing where there is history already, and why is kept until a
 * load succeeds; a file is not read again for what it was refused for. Several processes may do it at once, and again.
 *
 * @throws MarketSourceError when nothing can be loaded and nothing is stored; the signal's reason when it aborts
 */
export async function refreshMarketHistory(
  deps: RefreshDependencies,
  { signal, onLoading, onLoaded, onStoring }: RefreshOptions,
): Promise<Refreshed> {
  const { name: source } = deps.source;
  const latest = await findLatestImport(deps.db, source);
  let judged: string | undefined;
  try {
    const content = await deps.source.contentSha256?.();
    if (latest !== undefined) {
      const refusal = await findRefusal(deps, content);
      if (refusal !== undefined) {
        return { outcome: "failed", observed_until: latest.observed_until, reason: refusal.reason };
      }
      if (!(await hasNews(deps, latest, content))) {
        // A file was looked at, and is there.
        if (isMarketFile(source)) await deleteFeedFailure(deps.db, source);
        await takeFeedAcceptance(deps.db, source);
        return { outcome: "unchanged", observed_until: latest.observed_until };
      }
    }
    const reportLoading = onLoading?.();
    const dataset = await deps.source.load({
      signal,
      isReplacement: latest !== undefined,
      onProgress: ({ done, total }) => reportLoading?.(total ? done / total : 0),
    });
    judged = dataset.content_sha256;
    onLoaded?.(dataset);
    const before = await listQuarantinedMarkets(deps.db, dataset.source);
    const imported = await importDataset(deps, dataset, onStoring?.());
    const { written, doubted, ...lost } = imported;
    warnOfQuarantine(deps, before, lost.quarantined);
    if (doubted.length > 0) {
      deps.log.warn(
        { source, values: doubted },
        "Values of markets are not believed, and taken for unknown.",
      );
    }
    warnOfLosses(deps, imported);
    const outcome = written === undefined ? "unchanged" : "imported";
    const stored = await findLatestImport(deps.db, source);
    if (stored === undefined) throw new Error("The import that was just stored is gone.");
    return { outcome, observed_until: stored.observed_until, ...lost };
  } catch (error) {
    if (!(error instanceof MarketSourceError)) throw error;
    const before = await findFeedFailure(deps.db, source);
    await upsertFeedFailure(deps.db, {
      source,
      since: deps.clock(),
      code: error.code,
      reason: error.message,
      content_sha256: judged ?? null,
      reading: judged === undefined ? null : readingVersion,
    });
    // Yesterday's history is better than none.
    if (latest === undefined) throw error;
    // Said once: a file is looked at each minute, and what lasts is in the result of each run.
    if (before?.reason !== error.message) {
      deps.log.warn({ err: error, source }, "Market history could not be refreshed.");
    }
    return { outcome: "failed", observed_until: latest.observed_until, reason: error.message };
  }
}

/** Why this content was refused, by the same rules of reading; undefined where it is to be looked at, also because an operator accepts it. */
async function findRefusal(
  { db, source: { name } }: Pick<RefreshDependencies, "db" | "source">,
  content: string | undefined,
): Promise<FeedFailureRow | undefined> {
  if (content === undefined) return undefined;
  const failure = await findFeedFailure(db, name);
  const isSame = failure?.content_sha256 === content && failure.reading === readingVersion;
  return isSame && !(await isFeedAccepted(db, name)) ? failure : undefined;
}

/** Says of which markets nothing is taken any more, and of which it is again. */
function warnOfQuarantine(
  { log, source: { name: source } }: Pick<RefreshDependencies, "log" | "source">,
  before: readonly QuarantinedMarketRow[],
  now: readonly QuarantinedMarketRow[],
): void {
  const added = now.filter(({ market_id }) => !before.some((row) => row.market_id === market_id));
  const released = before.filter(({ market_id }) => !now.some((row) => row.market_id === market_id));
  if (added.length > 0) {
    const markets = added.map(({ since: _since, ...market }) => market);
    log.warn({ source, markets }, "Nothing is taken of markets that the feed does not have whole.");
  }
  if (released.length > 0) {
    log.warn(
      { source, markets: released.map(({ market_id }) => market_id) },
      "Quarantined markets are back.",
    );
  }
}

/** Says what is not advised on any more. */
function warnOfLosses(
  { log, source: { name: source } }: Pick<RefreshDependencies, "log" | "source">,
  { dropped, deactivated }: Imported,
): void {
  const unknown = dropped.filter(({ last_scored_at }) => last_scored_at === null);
  if (unknown.length > 0) {
    const protocols = Map.groupBy(unknown, ({ protocol }) => protocol);
    const counts = Object.fromEntries(Array.from(protocols, ([name, markets]) => [name, markets.length]));
    log.warn(
      { source, protocols: counts },
      "Markets have no risk score, for nothing tells of what kind they are.",
    );
  }
  const lost = dropped.filter(({ last_scored_at }) => last_scored_at !== null);
  if (lost.length > 0) {
    const protocols = new Set(
      lost.filter(({ protocol_dropped }) => protocol_dropped).map(({ protocol }) => protocol),
    );
    const markets = lost.map(({ protocol_dropped: _dropped, ...market }) => market);
    log.warn({ source, markets, protocols: [...protocols] }, "Markets have lost their risk score.");
  }
  if (deactivated.length > 0) {
    log.warn({ source, protocols: deactivated }, "Protocols are not active any more.");
  }
}

/** Whether the source can be expected to have more than what is stored. */
async function hasNews(
  { db, source, clock }: Pick<RefreshDependencies, "db" | "source" | "clock">,
  latest: MarketImportRow,
  content: string | undefined,
): Promise<boolean> {
  const now = clock();
  const { count: kind_decisions } = await findKindDecisions(db);
  if (content !== undefined) {
    return !isUnchanged(latest, { content_sha256: content, fetched_at: now, kind_decisions });
  }
  if (latest.kind_decisions !== kind_decisions) return true;
  const today = dateToDay(now);
  // Also where the clock was set back.
  if (dateToDay(latest.fetched_at) !== today || newestFinishedDay(latest) < today - 1) return true;
  return (await listQuarantinedMarkets(db, source.name)).length > 0;
}
