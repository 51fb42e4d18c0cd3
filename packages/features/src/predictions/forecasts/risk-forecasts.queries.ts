import type { Database } from "@obsqra/db";

/** What a model has forecast of the risk of a protocol. */
export interface ProtocolRiskForecastRow {
  readonly protocol: string;
  readonly value: number;
  readonly current_value: number;
  readonly target_at: Date;
}

/** The forecasts of protocols' risk that a model made from an import, by protocol; without those that had run out by then. */
export async function listRiskForecastsOf(
  db: Database,
  run: { readonly source: string; readonly import_id: string; readonly model_version: string },
): Promise<ProtocolRiskForecastRow[]> {
  return db
    .selectFrom("predictions")
    .distinctOn("protocol")
    .select(["protocol", "value", "current_value", "target_at"])
    .where("kind", "=", "risk")
    .where("source", "=", run.source)
    .where("model_version", "=", run.model_version)
    .where("import_id", "=", run.import_id)
    .where("market_id", "is", null)
    .where("stale", "=", false)
    .orderBy("protocol")
    .orderBy("as_of", "desc")
    .execute();
}
