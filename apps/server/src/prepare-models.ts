import {
  findImport,
  importDataset,
  type LiveModels,
  loadLiveModels,
  registerProtocols,
  retrainModels,
} from "@obsqra/api";
import { MlError } from "@obsqra/ml";
import type { ServerDependencies } from "./create-dependencies.ts";
import type { Environment } from "./env.ts";
import type { Console } from "./progress.ts";
import { trainInWorker } from "./training/train-in-worker.ts";

/** Makes training repeatable: the same data always gives the same model file. */
const trainingSeed = 1;

/**
 * Makes sure that there is market history, and models that have learned from it. What an earlier start has left behind
 * is used again, so that a restart is quick.
 *
 * @returns the models that answer, or undefined when there is too little history for any
 * @throws MarketSourceError when nothing can be loaded; the signal's reason when it aborts
 */
export async function prepareModels(
  { api, source }: ServerDependencies,
  options: { readonly env: Environment; readonly console: Console; readonly signal: AbortSignal },
): Promise<LiveModels | undefined> {
  const { env, console, signal } = options;
  await registerProtocols(api);
  const hasNewData = await importMarketHistory({ api, source }, { console, signal });
  const live = hasNewData ? undefined : await loadLiveModels(api, env.PREDICTION_WINDOW_DAYS);
  if (live !== undefined) return live;

  const report = console.step("Training the models");
  try {
    return await retrainModels(api, {
      horizonDays: env.PREDICTION_WINDOW_DAYS,
      train: (panel) =>
        trainInWorker(
          panel,
          {
            horizonDays: env.PREDICTION_WINDOW_DAYS,
            backtestDays: env.BACKTEST_WINDOW_DAYS,
            seed: trainingSeed,
          },
          { onProgress: report, signal },
        ),
    });
  } catch (error) {
    if (!(error instanceof MlError && error.code === "NOT_ENOUGH_HISTORY")) throw error;
    console.line(`No forecasts yet: ${error.message}`);
    return undefined;
  }
}

/** @returns whether anything was loaded */
async function importMarketHistory(
  { api, source }: Pick<ServerDependencies, "api" | "source">,
  { console, signal }: { readonly console: Console; readonly signal: AbortSignal },
): Promise<boolean> {
  const latest = await findImport(api, source.name);
  if (latest !== undefined) {
    const content = await source.contentSha256?.();
    if (content === undefined || content === latest.content_sha256) {
      console.line(
        `Market history: ${source.name}, up to ${latest.observed_until.toISOString()} (already loaded)`,
      );
      return false;
    }
  }
  const reportLoading = console.step(`Loading market history from ${source.name}`);
  const dataset = await source.load({
    signal,
    onProgress: ({ done, total }) => reportLoading(total ? done / total : 0),
  });
  const { rows_read, rows_loaded, rows_rejected, duplicates } = dataset.report;
  console.line(
    `${rows_read} rows read, ${rows_loaded} loaded, ${rows_rejected} rejected, ${duplicates} duplicates, ${dataset.markets.length} markets`,
  );
  for (const { line, reason } of dataset.report.rejected) console.line(`  rejected line ${line}: ${reason}`);
  await importDataset(api, dataset, console.step("Storing market history"));
  return true;
}
