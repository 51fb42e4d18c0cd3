import type { Database, DatabaseTransaction, NewRow, Tables } from "@obsqra/db";
import type { ModelLine } from "../models/models.queries.ts";

export type NewForecastRunRow = NewRow<Tables["forecast_runs"]>;

export async function insertForecastRun(trx: DatabaseTransaction, row: NewForecastRunRow): Promise<void> {
  await trx.insertInto("forecast_runs").values(row).execute();
}

/** Whether a model has forecast from an import. */
export async function hasForecastRun(
  db: Database,
  { kind, source }: ModelLine,
  run: { readonly importId: string; readonly version: string },
): Promise<boolean> {
  const row = await db
    .selectFrom("forecast_runs")
    .select("id")
    .where("kind", "=", kind)
    .where("source", "=", source)
    .where("import_id", "=", run.importId)
    .where("model_version", "=", run.version)
    .limit(1)
    .executeTakeFirst();
  return row !== undefined;
}
