import { subtle } from "node:crypto";
import type { ForecastModel, ModelRecord } from "@obsqra/contract";
import type { Database } from "@obsqra/db";
import type { LoadedModel, TrainedModel } from "@obsqra/ml";
import { featureMeaning, MlError, manifestSha256, readModelHeader } from "@obsqra/ml";
import { z } from "zod";
import { hasForecastRun } from "../forecasts/forecast-runs.queries.ts";
import { checkModel, type ModelRow } from "./check-model.ts";
import type { StoredModel } from "./model-work.ts";
import { findLiveModel, findModelArtefact, type NewModelRow } from "./models.queries.ts";

/** What reading the registry of models uses. */
export interface ModelsDependencies {
  readonly db: Database;
  readonly clock: () => Date;
  readonly marketSource: string;
}

/** The two kinds of forecast. */
export const forecastKinds = ["risk", "yield"] as const;
export type ForecastKind = (typeof forecastKinds)[number];

/** A model that can be forecast with, by the head of its file. */
type ReadableModel = Pick<LoadedModel, "version" | "header">;

/** The live models. */
export interface LiveModels {
  readonly risk: ReadableModel;
  readonly yield: ReadableModel;
}

/** Which models are of use. */
export interface WantedModels {
  readonly horizonDays: number;
  /** The import that they have to have forecast from. @default none */
  readonly importId?: string;
}

/** The parts of a model's walk-forward metrics that responses show. */
const servedMetrics = z.object({
  baseline: z.string(),
  model_mae: z.number().nullable(),
  baseline_mae: z.number(),
  coverage_90: z.number().nullable(),
});

const importanceList = z.array(z.object({ name: z.string(), share: z.number() }));

/**
 * Loads the live models, checking each file against its hash.
 *
 * @returns undefined when there are none yet, when they forecast another horizon or their files cannot be read any more,
 * or when they have not forecast from the import
 * @throws Error when a file is not the one that was stored; ModelChangedError when what is stored of a model is not
 */
export async function loadLiveModels(
  deps: ModelsDependencies,
  wanted: WantedModels,
): Promise<LiveModels | undefined> {
  const risk = await loadCurrentModel(deps, "risk", wanted);
  const yieldModel = await loadCurrentModel(deps, "yield", wanted);
  return risk === undefined || yieldModel === undefined ? undefined : { risk, yield: yieldModel };
}

/**
 * Reads a stored model's file, unopened. Its hash is taken outside this thread.
 *
 * @throws Error when the file is not the one that was stored
 */
export async function readArtefact(
  deps: Pick<ModelsDependencies, "db">,
  row: Pick<ModelRow, "version" | "artefact_sha256">,
): Promise<StoredModel> {
  const stored = await findModelArtefact(deps.db, row.version);
  if (stored === undefined || stored.artefact === null) {
    throw new ModelFileMissingError(`There is no file of model ${row.version}.`);
  }
  const artefact = Uint8Array.from(stored.artefact);
  const sha256 = Buffer.from(await subtle.digest("SHA-256", artefact)).toString("hex");
  if (sha256 !== row.artefact_sha256) {
    throw new Error(`The file of model ${row.version} does not match its hash.`);
  }
  return { version: row.version, artefact };
}

/** A model's file is not stored, or not any more: those of models that were never live are dropped after a while. */
export class ModelFileMissingError extends Error {
  override readonly name = "ModelFileMissingError";
}

/** Whether an error means that this version of the program cannot forecast with a model that was stored by another. */
export function isUnreadable(error: unknown): boolean {
  return (
    error instanceof MlError && (error.code === "UNSUPPORTED_ARTEFACT" || error.code === "CORRUPTED_ARTEFACT")
  );
}

/** A freshly trained model as the registry keeps it. */
export function toModelRow(model: TrainedModel, createdAt: Date): NewModelRow {
  return {
    version: model.version,
    kind: model.kind,
    horizon_days: model.horizon_days,
    algorithm: model.algorithm,
    served_by: model.served_by,
    parameters: JSON.stringify(model.parameters),
    metrics: JSON.stringify(model.metrics),
    training_data_sha256: model.training_data_sha256,
    artefact: model.artefact,
    artefact_sha256: model.artefact_sha256,
    manifest_sha256: manifestSha256(model, createdAt),
    created_at: createdAt,
  };
}

/** What moves a model. Versions before did not say. */
export function toFeatureImportances({ metrics }: ModelRow): ModelRecord["feature_importances"] {
  const { importances } = z.object({ importances: importanceList.nullable().default(null) }).parse(metrics);
  return importances?.map((each) => ({ ...each, meaning: featureMeaning(each.name) })) ?? null;
}

/** A stored model as responses describe it. */
export function toForecastModel(row: ModelRow): ForecastModel {
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

async function loadCurrentModel(
  deps: ModelsDependencies,
  kind: ForecastKind,
  wanted: WantedModels,
): Promise<ReadableModel | undefined> {
  const line = { kind, source: deps.marketSource };
  const stored = await findLiveModel(deps.db, { ...line, now: deps.clock() });
  const row = stored && checkModel(stored);
  if (row?.horizon_days !== wanted.horizonDays) return undefined;
  const { version } = row;
  if (
    wanted.importId !== undefined &&
    !(await hasForecastRun(deps.db, line, { importId: wanted.importId, version }))
  ) {
    return undefined;
  }
  try {
    return readModelHeader(await readArtefact(deps, row));
  } catch (error) {
    if (isUnreadable(error)) return undefined;
    throw error;
  }
}
