import type { MarketDataset, MarketSource } from "@obsqra/market";
import { MarketSourceError } from "@obsqra/market";
import type { Logger } from "@obsqra/platform";
import { importDataset } from "./import.service.ts";
import { findImport, isUnchanged, type MarketDependencies, type MarketImportRow } from "./market.service.ts";
import { dateToDay, newestFinishedDay } from "./market-days.ts";

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
}

/**
 * Loads what the source has, unless it is stored already: a file when its content or our rules of reading it have changed, or a day
 * that was still going on is over; a feed once in each UTC day, and each time that it is asked for until it has the day before. What cannot be loaded changes nothing where there is history already. Several processes may do it
 * at once, and again.
 *
 * @throws MarketSourceError when nothing can be loaded and nothing is stored; the signal's reason when it aborts
 */
export async function refreshMarketHistory(
  deps: RefreshDependencies,
  { signal, onLoading, onLoaded, onStoring }: RefreshOptions,
): Promise<Refreshed> {
  const latest = await findImport(deps, deps.source.name);
  try {
    if (latest !== undefined && !(await hasNews(deps, latest))) {
      return { outcome: "unchanged", observed_until: latest.observed_until };
    }
    const reportLoading = onLoading?.();
    const dataset = await deps.source.load({
      signal,
      onProgress: ({ done, total }) => reportLoading?.(total ? done / total : 0),
    });
    onLoaded?.(dataset);
    const imported = await importDataset(deps, dataset, onStoring?.());
    if (imported === undefined && latest !== undefined) {
      return { outcome: "unchanged", observed_until: latest.observed_until };
    }
  } catch (error) {
    // Yesterday's history is better than none.
    if (latest === undefined || !(error instanceof MarketSourceError)) throw error;
    deps.log.warn({ err: error, source: deps.source.name }, "Market history could not be refreshed.");
    return { outcome: "failed", observed_until: latest.observed_until, reason: error.message };
  }
  const stored = await findImport(deps, deps.source.name);
  if (stored === undefined) throw new Error("The import that was just stored is gone.");
  return { outcome: "imported", observed_until: stored.observed_until };
}

/** Whether the source can be expected to have more than what is stored. */
async function hasNews(
  { source, clock }: Pick<RefreshDependencies, "source" | "clock">,
  latest: MarketImportRow,
): Promise<boolean> {
  const content = await source.contentSha256?.();
  const now = clock();
  if (content !== undefined) return !isUnchanged(latest, { content_sha256: content, fetched_at: now });
  const today = dateToDay(now);
  // Also where the clock was set back.
  return dateToDay(latest.fetched_at) !== today || newestFinishedDay(latest) < today - 1;
}
