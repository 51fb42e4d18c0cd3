import { challengerIntervalDays, MlError } from "@obsqra/ml";
import type { Logger } from "@obsqra/platform";
import { findImport, isMarketFile, loadPanel, type MarketImportRow } from "../../market/market.service.ts";
import { newestFinishedDay } from "../../market/market-days.ts";
import { checkModel } from "../models/check-model.ts";
import type { ModelWork } from "../models/model-work.ts";
import { findLiveModel } from "../models/models.queries.ts";
import { forecastKinds, loadLiveModels, readArtefact } from "../models/models.service.ts";
import { retrainModels } from "../models/retrain-models.service.ts";
import { recordActuals } from "./actuals.service.ts";
import { toForecastRows } from "./forecast-rows.ts";
import {
  type ForecastRun,
  type ForecastRunDependencies,
  recordForecastRuns,
} from "./forecast-runs.service.ts";
import { takeMarketSnapshot } from "./market-snapshot.ts";
import { findLastTraining, listServedErrors } from "./renew-forecasts.queries.ts";

/** What renewing forecasts uses. */
export interface RenewDependencies extends ForecastRunDependencies {
  readonly log: Pick<Logger, "error" | "info">;
}

export interface RenewOptions {
  readonly horizonDays: number;
  /** Opens what does the heavy work; called only when there is some. */
  readonly openWork: () => ModelWork & AsyncDisposable;
}

/** What a renewal has come to. */
export interface Renewed {
  readonly outcome: "unchanged" | "forecast" | "trained" | "no_history" | "not_enough_history";
  /** Forecasts that got their outcome now. */
  readonly outcomes_recorded: number;
  /** Why models were trained. */
  readonly because?: TrainingReason;
  /** What is missing, in a sentence. */
  readonly missing?: string;
}

type TrainingReason = "no_live_models" | "file_changed" | "enough_new_history" | "served_worse_than_baseline";

/**
 * Brings forecasts up to the newest history: records the outcomes that it shows, trains where that is due, and lets the live
 * models forecast. Training is due when no live model forecasts the horizon, when a file, which is the whole of its history, has
 * changed, when the history has grown by as many days as in the evaluation since the last training, and when what was served in the last two weeks was worse
 * than its baseline. Several processes may do it at once, and again: what is stored already is not stored again.
 *
 * @throws what training throws, but for too little history
 */
export async function renewForecasts(deps: RenewDependencies, options: RenewOptions): Promise<Renewed> {
  const latest = await findImport(deps, deps.marketSource);
  if (latest === undefined) return { outcome: "no_history", outcomes_recorded: 0 };
  const { horizonDays } = options;
  if ((await loadLiveModels(deps, { horizonDays, importId: latest.id })) !== undefined) {
    return { outcome: "unchanged", outcomes_recorded: 0 };
  }
  const { recorded } = await recordActuals(deps);
  const because = await findTrainingReason(deps, { horizonDays, latest });
  await using work = options.openWork();
  if (because === undefined) {
    // Newer history, or another model, has come meanwhile.
    if (!(await forecastWithLiveModels(deps, latest, work))) return renewForecasts(deps, options);
    return { outcome: "forecast", outcomes_recorded: recorded };
  }
  try {
    await retrainModels(deps, { ...work, horizonDays });
    return { outcome: "trained", outcomes_recorded: recorded, because };
  } catch (error) {
    if (!(error instanceof MlError && error.code === "NOT_ENOUGH_HISTORY")) throw error;
    return { outcome: "not_enough_history", outcomes_recorded: recorded, missing: error.message };
  }
}

/** Drift brings a training on sooner, but not with a training on nearly the same history every day. */
const retrainOnDriftAfterDays = 3;
const driftWindowMs = 14 * 24 * 60 * 60 * 1000;
/** Fewer outcomes say too little. */
const driftOutcomesMin = 50;

async function findTrainingReason(
  deps: RenewDependencies,
  { horizonDays, latest }: { readonly horizonDays: number; readonly latest: MarketImportRow },
): Promise<TrainingReason | undefined> {
  if ((await loadLiveModels(deps, { horizonDays })) === undefined) return "no_live_models";
  const last = await findLastTraining(deps.db, {
    source: deps.marketSource,
    now: deps.clock(),
    horizonDays,
  });
  if (last === undefined) return "no_live_models";
  if (isMarketFile(deps.marketSource)) return last.import_id === latest.id ? undefined : "file_changed";
  const newDays = newestFinishedDay(latest) - newestFinishedDay(last);
  if (newDays >= challengerIntervalDays) return "enough_new_history";
  if (newDays >= retrainOnDriftAfterDays && (await isDrifting(deps))) return "served_worse_than_baseline";
  return undefined;
}

async function isDrifting({ db, clock, marketSource }: RenewDependencies): Promise<boolean> {
  const now = clock();
  const since = new Date(now.getTime() - driftWindowMs);
  const errors = await listServedErrors(db, { source: marketSource, now, since });
  return errors.some(({ n, served_mae, baseline_mae }) => n >= driftOutcomesMin && served_mae > baseline_mae);
}

/** @returns false when the import is not the newest any more, or another model is live */
async function forecastWithLiveModels(
  deps: RenewDependencies,
  latest: MarketImportRow,
  work: ModelWork,
): Promise<boolean> {
  const panel = await loadPanel(deps, deps.marketSource);
  const snapshot = await takeMarketSnapshot(deps, panel);
  const newestDay = newestFinishedDay(latest);
  const runs: ForecastRun[] = [];
  for (const kind of forecastKinds) {
    const stored = await findLiveModel(deps.db, { kind, source: deps.marketSource, now: deps.clock() });
    if (stored === undefined) return false;
    const model = await readArtefact(deps, checkModel(stored));
    const forecasts = toForecastRows(deps, await work.forecast(model, panel), { newestDay });
    const { version } = model;
    runs.push({ kind, source: deps.marketSource, version, importId: latest.id, snapshot, forecasts });
  }
  await work.release?.();
  return recordForecastRuns(deps, runs);
}
