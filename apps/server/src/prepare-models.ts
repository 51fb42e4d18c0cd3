import {
  type LiveModels,
  loadLiveModels,
  refreshMarketHistory,
  registerProtocols,
  renewForecasts,
} from "@obsqra/features";
import { collectGarbage } from "./collect-garbage.ts";
import type { ServerDependencies } from "./create-dependencies.ts";
import { describeLacking, describeRows } from "./describe-dataset.ts";
import type { Environment } from "./env.ts";
import type { Console } from "./progress.ts";
import { openModelWork } from "./training/model-work.ts";

/**
 * Makes sure that there is market history, that earlier forecasts have the outcomes that it shows, and that the live models have
 * forecast from it: what the jobs of a running server go on doing. What an earlier start has left behind is used again, so
 * that a restart is quick.
 *
 * @returns the live models, or undefined when there is too little history for any
 * @throws MarketSourceError when nothing can be loaded; the signal's reason when it aborts
 */
export async function prepareModels(
  { api, source }: Pick<ServerDependencies, "api" | "source">,
  options: { readonly env: Environment; readonly console: Console; readonly signal: AbortSignal },
): Promise<LiveModels | undefined> {
  const { env, console, signal } = options;
  await registerProtocols(api);
  const {
    outcome,
    observed_until,
    reason,
    quarantined = [],
    dropped = [],
    deactivated = [],
  } = await refreshMarketHistory(
    { ...api, source },
    {
      signal,
      onLoading: () => console.step(`Loading market history from ${source.name}`),
      onLoaded: (dataset) => {
        for (const line of [...describeRows(dataset), ...describeLacking(dataset)]) console.line(line);
      },
      onStoring: () => console.step("Storing market history"),
    },
  );
  for (const { protocol, symbol, reason: why } of quarantined) {
    console.line(`  nothing is taken of ${protocol} ${symbol}: ${why}`);
  }
  for (const { protocol, symbol, cause, last_scored_at } of dropped) {
    if (last_scored_at === null) continue;
    console.line(
      `  ${protocol} ${symbol} has no risk score after ${last_scored_at.toISOString().slice(0, 10)} (${cause})`,
    );
  }
  const neverScored = dropped.filter(({ last_scored_at }) => last_scored_at === null);
  for (const [protocol, markets] of Map.groupBy(neverScored, (market) => market.protocol)) {
    console.line(
      `  ${markets.length} of ${protocol} without a risk score: nothing tells of what kind they are`,
    );
  }
  for (const protocol of deactivated) console.line(`  ${protocol} is not active any more`);
  const stored = `Market history up to ${observed_until.toISOString()}`;
  if (outcome === "unchanged") console.line(`${stored} is loaded already.`);
  if (outcome === "failed") console.line(`${reason}\n${stored} goes on being served.`);

  const horizonDays = env.PREDICTION_WINDOW_DAYS;
  const { outcomes_recorded, missing } = await renewForecasts(api, {
    horizonDays,
    // What the load has left is half of what the process that trains needs, and so is what it takes to hand the history over.
    openWork: () => {
      collectGarbage();
      const showProgress = console.step("Training the models");
      let isUnderWay = false;
      const onProgress = (fraction: number) => {
        if (!isUnderWay) collectGarbage();
        isUnderWay = true;
        showProgress(fraction);
      };
      return openModelWork(env, { onProgress, signal });
    },
  });
  if (outcomes_recorded > 0) console.line(`${outcomes_recorded} earlier forecasts have their outcome now.`);
  if (missing !== undefined) console.line(`No forecasts yet: ${missing}`);
  return loadLiveModels(api, { horizonDays });
}
