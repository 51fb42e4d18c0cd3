import type { ModelRecord, ModelRecords, ModelRecordsInput } from "@obsqra/contract";
import { modelDecisionReason, modelParameters } from "@obsqra/contract";
import { idKey, readCursor, toPage } from "@obsqra/platform";
import { toDataSource } from "../../market/market.service.ts";
import { checkModel } from "./check-model.ts";
import { listModelRecords, type ModelRecordRow } from "./model-records.queries.ts";
import { findNewestSource } from "./models.queries.ts";
import { type ModelsDependencies, toFeatureImportances, toForecastModel } from "./models.service.ts";

/**
 * What was decided about each trained model and when each was live.
 *
 * @throws AppError CURSOR_INVALID
 */
export async function getModels(deps: ModelsDependencies, input: ModelRecordsInput): Promise<ModelRecords> {
  const view = { list: "models", owner_id: undefined, input };
  const { served_import, items } = await listModelRecords(deps.db, {
    source: deps.marketSource,
    now: deps.clock(),
    kind: input.kind,
    liveAt: input.live_at === undefined ? undefined : new Date(input.live_at),
    after: readCursor(view, idKey)?.[0],
    sort: input.sort,
    limit: input.limit + 1,
  });
  const page = toPage(view, items, (row) => [row.id]);
  return {
    data_source: toDataSource(deps.marketSource, served_import),
    items: page.items.map(toModelRecord),
    next_cursor: page.next_cursor,
  };
}

/** The market source whose models were decided about last, as far as any were: the one that a server served last. */
export async function findServedSource(deps: Pick<ModelsDependencies, "db">): Promise<string | undefined> {
  return findNewestSource(deps.db);
}

function toModelRecord(row: ModelRecordRow): ModelRecord {
  const model = checkModel(row.model);
  return {
    id: row.id,
    kind: row.kind,
    horizon_days: model.horizon_days,
    model: toForecastModel(model),
    parameters: modelParameters.parse(model.parameters),
    feature_importances: toFeatureImportances(model),
    outcome: row.outcome,
    reason: modelDecisionReason.parse(row.reason),
    decided_at: new Date(row.decided_at).toISOString(),
    champion_version: row.champion_version,
    compared: {
      n: row.n,
      challenger_mae: row.challenger_mae,
      champion_mae: row.champion_mae,
      baseline_mae: row.baseline_mae,
    },
    live_from: toTimestamp(row.live_from),
    live_until: toTimestamp(row.live_until),
  };
}

function toTimestamp(moment: string | null): string | null {
  return moment === null ? null : new Date(moment).toISOString();
}
