import {
  type Database,
  type DatabaseTransaction,
  defineStatements,
  type NewRow,
  type Tables,
} from "@obsqra/db";
import { sql } from "kysely";
import {
  knownProtocolsColumn,
  rowsColumn,
  type ServedList,
  servedImport,
  servedImportColumn,
  theRow,
} from "../../market/served-data.fragments.ts";
import { decidedModel, liveModel, type StoredModelRow } from "../models/models.queries.ts";
import {
  type ForecastPlaceholders,
  type ForecastRange,
  type ForecastRow,
  type ForecastShape,
  modelColumn,
  newestForecasts,
} from "./forecasts.fragments.ts";

export type NewPredictionRow = Omit<NewRow<Tables["predictions"]>, "import_id">;

/**
 * Adds forecasts; one that was made before, by the same model for the same day, stays as it was. The first of several
 * models' forecasts of a day and target goes on record, unless it is stale.
 */
export async function insertPredictions(
  trx: DatabaseTransaction,
  importId: string,
  rows: readonly NewPredictionRow[],
): Promise<void> {
  await sql`
    insert into predictions (id, kind, source, protocol, market_id, model_version, as_of, target_at, stale, value,
      lower, upper, interval_level, confidence, confidence_tolerance, current_value, baseline_value, served_by,
      details, created_at, import_id, on_record)
    select id, kind, source, protocol, market_id, model_version, as_of, target_at, stale, value,
      lower, upper, interval_level, confidence, confidence_tolerance, current_value, baseline_value, served_by,
      details, created_at, cast(${importId} as uuid), not stale and not exists (
        select 1 from predictions as earlier
        where earlier.on_record and earlier.market_id is not null and earlier.market_id = row.market_id
          and earlier.source = row.source and earlier.kind = row.kind and earlier.protocol = row.protocol
          and earlier.as_of = row.as_of and earlier.target_at = row.target_at
      ) and not exists (
        select 1 from predictions as earlier
        where earlier.on_record and earlier.market_id is null and row.market_id is null
          and earlier.source = row.source and earlier.kind = row.kind and earlier.protocol = row.protocol
          and earlier.as_of = row.as_of and earlier.target_at = row.target_at
      )
    from json_to_recordset(${JSON.stringify(rows)}::json) as row (
      id uuid, kind text, source text, protocol text, market_id text, model_version text, as_of timestamptz,
      target_at timestamptz, stale boolean, value float8, lower float8, upper float8, interval_level float8,
      confidence float8, confidence_tolerance float8, current_value float8, baseline_value float8, served_by text,
      details jsonb, created_at timestamptz)
    on conflict do nothing`.execute(trx);
}

/** Forecasts, and what they rest on. */
export interface ServedForecasts extends ServedList<ForecastRow> {
  /** Null when there is no such model. */
  readonly model: StoredModelRow | null;
}

/** The newest forecast of each market or protocol: one index look-up for each. */
export async function listForecasts(db: Database, range: ForecastRange): Promise<ServedForecasts> {
  const { after, ...choice } = range;
  const statement = forecastsOf({ ...shapeOf(range), isOfModel: choice.model_version !== undefined });
  const last = { last_value: after?.value, last_protocol: after?.protocol, last_market: after?.market_id };
  return theRow(await statement.first(db, { ...choice, ...last }));
}

function shapeOf({ granularity, sort, explain, protocol, until, after }: ForecastRange): ForecastShape {
  return {
    granularity,
    sort,
    explain,
    isOfProtocol: protocol !== undefined,
    isUntil: until !== undefined,
    isAfter: after !== undefined,
  };
}

const forecastsOf = defineStatements(
  (shape: ForecastShape & { readonly isOfModel: boolean }) => (_db, asked: ForecastPlaceholders) =>
    sql<ServedForecasts>`
    with ${servedImport(asked)},
      served_model as materialized (
        ${shape.isOfModel ? decidedModel(asked, asked.model_version) : liveModel(asked)}
      )
    select ${servedImportColumn}, ${knownProtocolsColumn(shape.isOfProtocol ? asked.protocol : undefined)},
      ${modelColumn("served_model")} as model, ${rowsColumn(newestForecasts("served_model", shape, asked))}`,
);
