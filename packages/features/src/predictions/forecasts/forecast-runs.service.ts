import type { DatabaseTransaction } from "@obsqra/db";
import { forecastRevision } from "@obsqra/ml";
import { type CreateId, type Emit, writeTransaction } from "@obsqra/platform";
import { findImport } from "../../market/market.service.ts";
import { findLiveModel, lockModels } from "../models/models.queries.ts";
import type { ForecastKind, ModelsDependencies } from "../models/models.service.ts";
import { insertArtefacts } from "./artefacts.queries.ts";
import { insertForecastRun } from "./forecast-runs.queries.ts";
import { insertPredictions, type NewPredictionRow } from "./forecasts.queries.ts";
import type { MarketSnapshot, MarketSnapshotDependencies } from "./market-snapshot.ts";

/** What a live model has forecast from an import. */
export interface ForecastRun {
  readonly kind: ForecastKind;
  readonly source: string;
  readonly version: string;
  readonly importId: string;
  /** The import's data, which was forecast from. */
  readonly snapshot: MarketSnapshot;
  readonly forecasts: readonly NewPredictionRow[];
}

/** What recording uses. */
export interface ForecastRunDependencies extends ModelsDependencies, MarketSnapshotDependencies {
  readonly createId: CreateId;
}

/**
 * Stores what the live models have forecast from the newest import, all or nothing, and only if both are still that. Processes
 * do it one after the other; a forecast that is stored stays as it was.
 *
 * @returns false when there is a newer import or another model is live: nothing was stored then
 */
export async function recordForecastRuns(
  deps: ForecastRunDependencies,
  runs: readonly ForecastRun[],
): Promise<boolean> {
  return writeTransaction(deps, async (trx, emit) => {
    await lockModels(trx, deps.marketSource);
    const newest = await findImport({ ...deps, db: trx }, deps.marketSource);
    for (const { kind, source, version, importId } of runs) {
      if (newest?.id !== importId) return false;
      if ((await findLiveModel(trx, { kind, source, now: deps.clock() }))?.version !== version) return false;
    }
    for (const run of runs) await recordForecastRun(deps, { trx, emit }, run);
    return true;
  });
}

/** Stores one run, within the transaction that has found out that it is the newest. */
export async function recordForecastRun(
  { createId, clock }: Pick<ForecastRunDependencies, "createId" | "clock">,
  { trx, emit }: { readonly trx: DatabaseTransaction; readonly emit: Emit },
  { kind, source, version, importId, snapshot, forecasts }: ForecastRun,
): Promise<void> {
  await insertPredictions(trx, importId, forecasts);
  await insertArtefacts(trx, snapshot.artefacts);
  await insertForecastRun(trx, {
    id: createId(),
    kind,
    source,
    model_version: version,
    import_id: importId,
    forecasts: forecasts.length,
    panel_sha256: snapshot.panel_sha256,
    snapshot_sha256: snapshot.snapshot_sha256,
    revision: forecastRevision,
    created_at: clock(),
  });
  if (forecasts.length === 0) return;
  emit({
    type: "forecasts.published",
    subject: version,
    owner_id: null,
    payload: { kind, source, import_id: importId, count: forecasts.length },
  });
}
