import {
  findImport,
  importDataset,
  isUnchanged,
  type LiveModels,
  loadLiveModels,
  type MarketImportRow,
  recordActuals,
  registerProtocols,
  retrainModels,
} from "@obsqra/features";
import { type MarketDataset, MarketSourceError } from "@obsqra/market";
import { MlError } from "@obsqra/ml";
import { elapsedMs } from "@obsqra/platform";
import type { ServerDependencies } from "./create-dependencies.ts";
import type { Environment } from "./env.ts";
import type { Console } from "./progress.ts";
import { openModelThread } from "./training/model-thread.ts";

/** Makes training repeatable: the same data always gives the same model file. */
const trainingSeed = 1;

/**
 * Makes sure that there is market history, that earlier forecasts have the outcomes that it shows, and that models were
 * trained on it and the better ones forecast from it. What an earlier start has left behind is used again, so that a
 * restart is quick.
 *
 * @returns the live models, or undefined when there is too little history for any
 * @throws MarketSourceError when nothing can be loaded; the signal's reason when it aborts
 */
export async function prepareModels(
  { api, source }: ServerDependencies,
  options: { readonly env: Environment; readonly console: Console; readonly signal: AbortSignal },
): Promise<LiveModels | undefined> {
  const { env, console, signal } = options;
  await registerProtocols(api);
  await importMarketHistory({ api, source }, { console, signal });
  const latest = await findImport(api, source.name);
  if (latest === undefined) return undefined;
  const horizonDays = env.PREDICTION_WINDOW_DAYS;
  const live = await loadLiveModels(api, { horizonDays, importId: latest.id });
  if (live !== undefined) return live;

  const { recorded } = await recordActuals(api);
  if (recorded > 0) console.line(`${recorded} earlier forecasts have their outcome now.`);
  const settings = { horizonDays, backtestDays: env.BACKTEST_WINDOW_DAYS, seed: trainingSeed };
  await using thread = openModelThread({ onProgress: console.step("Training the models"), signal });
  try {
    return await retrainModels(api, {
      horizonDays,
      train: (panel) => thread.train(panel, settings),
      decide: thread.decide,
      forecast: thread.forecast,
    });
  } catch (error) {
    if (!(error instanceof MlError && error.code === "NOT_ENOUGH_HISTORY")) throw error;
    console.line(`No forecasts yet: ${error.message}`);
    return undefined;
  }
}

/** A feed's history that was loaded longer ago than this is loaded again. */
const feedMaxAgeMs = 24 * 60 * 60 * 1000;

/** Loads what the source has, unless it is stored already. */
async function importMarketHistory(
  { api, source }: Pick<ServerDependencies, "api" | "source">,
  { console, signal }: { readonly console: Console; readonly signal: AbortSignal },
): Promise<void> {
  const latest = await findImport(api, source.name);
  const stored = latest && `Market history up to ${latest.observed_until.toISOString()}`;
  if (latest !== undefined && !(await hasNews({ api, source }, latest))) {
    console.line(`${stored} is loaded already.`);
    return;
  }
  const reportLoading = console.step(`Loading market history from ${source.name}`);
  try {
    const dataset = await source.load({
      signal,
      onProgress: ({ done, total }) => reportLoading(total ? done / total : 0),
    });
    describeImport(dataset, console);
    await importDataset(api, dataset, console.step("Storing market history"));
  } catch (error) {
    // Yesterday's history is better than none.
    if (stored === undefined || !(error instanceof MarketSourceError)) throw error;
    console.line(`${error.message}\n${stored} goes on being served.`);
  }
}

/** A file has news when its content or our rules of reading it have changed; a feed has, once a day. */
async function hasNews(
  { api, source }: Pick<ServerDependencies, "api" | "source">,
  latest: MarketImportRow,
): Promise<boolean> {
  const content = await source.contentSha256?.();
  if (content !== undefined) return !isUnchanged(latest, content);
  return elapsedMs(latest.fetched_at, api.clock()) > feedMaxAgeMs;
}

function describeImport({ report, markets }: MarketDataset, console: Console): void {
  const { rows_read, rows_loaded, rows_rejected, duplicates } = report;
  console.line(
    `${rows_read} rows read, ${rows_loaded} loaded, ${rows_rejected} rejected, ${duplicates} duplicates, ${markets.length} markets`,
  );
  for (const { line, reason } of report.rejected) console.line(`  rejected line ${line}: ${reason}`);
  for (const { line, reason } of report.impossible) console.line(`  not believed in line ${line}: ${reason}`);
}
