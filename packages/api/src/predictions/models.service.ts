import { createHash } from "node:crypto";
import type { ForecastModel } from "@obsqra/contract";
import type { Database } from "@obsqra/db";
import type { LoadedModel, TrainedModel, TrainedModels } from "@obsqra/ml";
import { loadModel } from "@obsqra/ml";
import { z } from "zod";
import { AppError } from "../app-error.ts";
import type { CreateId } from "../create-id.ts";
import {
  findLiveModel,
  findModelArtefact,
  insertModel,
  insertPromotion,
  type LiveModelRow,
} from "./models.queries.ts";

/** What reading the registry of models uses. */
export interface ModelsDependencies {
  readonly db: Database;
  readonly clock: () => Date;
  readonly marketSource: string;
}

/** The two kinds of forecast. */
export type ForecastKind = "risk" | "yield";

/** The models that answer, ready to forecast. */
export interface LiveModels {
  readonly risk: LoadedModel;
  readonly yield: LoadedModel;
}

/** Which models are of use. */
export interface WantedModels {
  readonly horizonDays: number;
  /** The import that they have to have learned from: the newest one. */
  readonly importId: string;
}

/** The parts of a model's walk-forward metrics that answers show. */
const servedMetrics = z.object({
  baseline: z.string(),
  model_mae: z.number().nullable(),
  baseline_mae: z.number(),
  coverage_90: z.number().nullable(),
});

/** Keeps freshly trained models. They do not answer yet. */
export async function storeModels(deps: ModelsDependencies, trained: TrainedModels): Promise<void> {
  await deps.db.transaction().execute(async (trx) => {
    for (const model of [trained.risk, trained.yield]) {
      await insertModel(trx, {
        version: model.version,
        kind: model.kind,
        horizon_days: z.number().parse(model.parameters.horizon_days),
        algorithm: String(model.parameters.algorithm),
        served_by: model.served_by,
        parameters: JSON.stringify(model.parameters),
        metrics: JSON.stringify({ ...model.metrics, served: summarise(model) }),
        training_data_sha256: model.training_data_sha256,
        artefact: model.artefact,
        artefact_sha256: model.artefact_sha256,
        created_at: deps.clock(),
      });
    }
  });
}

/** Makes stored models, which have learned from the given import, the ones that answer; both at once. */
export async function promoteModels(
  deps: ModelsDependencies & { readonly createId: CreateId },
  models: LiveModels,
  importId: string,
): Promise<void> {
  await deps.db.transaction().execute(async (trx) => {
    for (const [kind, { version }] of [
      ["risk", models.risk],
      ["yield", models.yield],
    ] as const) {
      await insertPromotion(trx, {
        id: deps.createId(),
        kind,
        source: deps.marketSource,
        version,
        import_id: importId,
        promoted_at: deps.clock(),
      });
    }
  });
}

/**
 * Loads the models that answer, checking each file against its hash.
 *
 * @returns undefined when there are none yet, or when they forecast another horizon or have not learned from the import
 */
export async function loadLiveModels(
  deps: ModelsDependencies,
  wanted: WantedModels,
): Promise<LiveModels | undefined> {
  const risk = await loadLiveModel(deps, "risk", wanted);
  const yieldModel = await loadLiveModel(deps, "yield", wanted);
  return risk === undefined || yieldModel === undefined ? undefined : { risk, yield: yieldModel };
}

/**
 * The model that answers now, as answers describe it.
 *
 * @throws AppError FORECASTS_NOT_READY when there is none yet
 */
export async function describeLiveModel(
  deps: ModelsDependencies,
  kind: ForecastKind,
): Promise<{ model: ForecastModel; horizon_days: number }> {
  const row = await findLiveModel(deps.db, { kind, source: deps.marketSource });
  if (row === undefined) throw new AppError("FORECASTS_NOT_READY", undefined);
  return { model: toForecastModel(row), horizon_days: row.horizon_days };
}

async function loadLiveModel(
  deps: ModelsDependencies,
  kind: ForecastKind,
  wanted: WantedModels,
): Promise<LoadedModel | undefined> {
  const row = await findLiveModel(deps.db, { kind, source: deps.marketSource });
  if (row?.horizon_days !== wanted.horizonDays || row.import_id !== wanted.importId) return undefined;
  const stored = await findModelArtefact(deps.db, row.version);
  if (stored === undefined) return undefined;
  const sha256 = createHash("sha256").update(stored.artefact).digest("hex");
  if (sha256 !== row.artefact_sha256) {
    throw new Error(`The file of model ${row.version} does not match its hash.`);
  }
  const model = loadModel(stored.artefact);
  if (model.version !== row.version) {
    throw new Error(`The file of model ${row.version} is that of another model.`);
  }
  return model;
}

/** The figures of a walk-forward test that answers show beside a forecast. */
function summarise(model: TrainedModel): z.output<typeof servedMetrics> {
  const { metrics, baseline } = model;
  return {
    baseline,
    model_mae: metrics.model?.mae_mean ?? null,
    baseline_mae: metrics.baselines[baseline].mae_mean,
    coverage_90: metrics.market_intervals.coverage,
  };
}

function toForecastModel(row: LiveModelRow): ForecastModel {
  const served = z.object({ served: servedMetrics }).parse(row.metrics).served;
  return {
    version: row.version,
    algorithm: row.algorithm,
    served_by: row.served_by,
    baseline: served.baseline,
    trained_at: row.created_at.toISOString(),
    artefact_sha256: row.artefact_sha256,
    training_data_sha256: row.training_data_sha256,
    model_mae: served.model_mae,
    baseline_mae: served.baseline_mae,
    coverage_90: served.coverage_90,
  };
}
