import type { ModelDecisionReason } from "@obsqra/contract";
import type { PromotionDecision, TrainedModel, TrainedModels } from "@obsqra/ml";
import { findImport, loadPanel } from "../../market/market.service.ts";
import { newestFinishedDay } from "../../market/market-days.ts";
import { type ForecastData, toForecastRows } from "../forecasts/forecast-rows.ts";
import type { NewPredictionRow } from "../forecasts/forecasts.queries.ts";
import { takeMarketSnapshot } from "../forecasts/market-snapshot.ts";
import { checkModel, type ModelRow } from "./check-model.ts";
import {
  type DecisionBasis,
  type DecisionDependencies,
  nothingCompared,
  type PlannedDecision,
  recordDecisions,
} from "./model-decisions.service.ts";
import type { ModelWork, StoredModel } from "./model-work.ts";
import { findLiveModel } from "./models.queries.ts";
import {
  type ForecastKind,
  forecastKinds,
  isUnreadable,
  type LiveModels,
  loadLiveModels,
  readArtefact,
  toModelRow,
} from "./models.service.ts";

/** How to retrain, and who does the heavy work. */
export interface RetrainOptions extends ModelWork {
  readonly horizonDays: number;
}

/**
 * Trains on everything that the source has observed and decides, for risk and yield on their own, whether the result
 * becomes the champion or stays a stored challenger. Either way the live one forecasts from the newest history.
 * Several processes may do it at once: each decision is made against the champion that it replaces or keeps.
 *
 * @returns the models that are live from now on
 * @throws Error when nothing has been imported, or a model forecasts another horizon; MlError as training does
 */
export async function retrainModels(
  deps: DecisionDependencies,
  options: RetrainOptions,
): Promise<LiveModels> {
  const latest = await findImport(deps, deps.marketSource);
  if (latest === undefined) throw new Error(`Nothing has been imported from ${deps.marketSource}.`);
  const panel = await loadPanel(deps, deps.marketSource);
  const data = { panel, newestDay: newestFinishedDay(latest) };
  const basis = { importId: latest.id, snapshot: await takeMarketSnapshot(deps, panel) };
  const trained = await options.train(data.panel);
  assertHorizon(trained, options.horizonDays);
  const outcome = await decideAndRecord(deps, { trained, data, basis, work: options });
  // Newer history arrived meanwhile, and perhaps models that have learned from it.
  if (outcome === "stale_import") return retrainModels(deps, options);
  const live = await loadLiveModels(deps, { horizonDays: options.horizonDays, importId: latest.id });
  if (live === undefined) throw new Error("The models that were just decided about are not live.");
  return live;
}

/** What both decisions of a training rest on. */
interface Training {
  readonly trained: TrainedModels;
  readonly data: ForecastData;
  readonly basis: DecisionBasis;
  readonly work: ModelWork;
}

async function decideAndRecord(
  deps: DecisionDependencies,
  training: Training,
): Promise<"recorded" | "stale_import"> {
  const planned: PlannedDecision[] = [];
  for (const kind of forecastKinds) planned.push(await planDecision(deps, kind, training));
  await training.work.release?.();
  const outcome = await recordDecisions(deps, planned, training.basis);
  return outcome === "stale_champion" ? decideAndRecord(deps, training) : outcome;
}

async function planDecision(
  deps: DecisionDependencies,
  kind: ForecastKind,
  training: Training,
): Promise<PlannedDecision> {
  const challenger = training.trained[kind];
  const stored = await findLiveModel(deps.db, { kind, source: deps.marketSource, now: deps.clock() });
  const live = stored && checkModel(stored);
  const horizonDays = challenger.horizon_days;
  const champion = live?.horizon_days === horizonDays ? live : undefined;
  const { verdict, forecasts } = await judge(deps, { challenger, champion, training });
  return {
    liveVersion: live?.version,
    model: toModelRow(challenger, deps.clock()),
    forecasts,
    decision: {
      kind,
      horizon_days: horizonDays,
      challenger_version: challenger.version,
      outcome: verdict.promoted ? "promoted" : "rejected",
      reason: verdict.reason,
      n: verdict.n,
      challenger_mae: verdict.challenger_mae,
      champion_mae: verdict.champion_mae,
      baseline_mae: verdict.baseline_mae,
    },
  };
}

/** What was decided, and the forecasts of the model that it leaves live. */
interface Judgement {
  readonly verdict: Omit<PromotionDecision, "reason"> & { readonly reason: ModelDecisionReason };
  readonly forecasts: readonly NewPredictionRow[];
}

async function judge(
  deps: DecisionDependencies,
  contest: {
    readonly challenger: TrainedModel;
    readonly champion: ModelRow | undefined;
    readonly training: Training;
  },
): Promise<Judgement> {
  const { challenger, champion: row } = contest;
  const { data, work } = contest.training;
  const forecastWith = async (model: StoredModel) =>
    toForecastRows(deps, await work.forecast(model, data.panel), data);
  const promote = async (verdict: Judgement["verdict"]): Promise<Judgement> => ({
    verdict: { ...verdict, promoted: true },
    forecasts: await forecastWith(challenger),
  });
  if (row === undefined) return promote(await work.decide(challenger, undefined, data.panel));
  try {
    const champion = await readArtefact(deps, row);
    const verdict =
      champion.version === challenger.version
        ? sameAsChampion
        : await work.decide(challenger, champion, data.panel);
    if (verdict.promoted) return await promote(verdict);
    return { verdict, forecasts: await forecastWith(champion) };
  } catch (error) {
    if (!isUnreadable(error)) throw error;
    return promote({ ...nothingCompared, promoted: true, reason: "champion_unreadable" });
  }
}

const sameAsChampion = { ...nothingCompared, promoted: false, reason: "same_as_champion" } as const;

function assertHorizon(trained: TrainedModels, horizonDays: number): void {
  for (const kind of forecastKinds) {
    const model = trained[kind];
    if (model.horizon_days !== horizonDays) {
      throw new Error(`Model ${model.version} forecasts ${model.horizon_days} days, not ${horizonDays}.`);
    }
  }
}
