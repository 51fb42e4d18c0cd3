import type { Database } from "@obsqra/db";
import { sql } from "kysely";

/** How many forecasts have an outcome, and how many of these came true. */
export interface ForecastRecordRow {
  readonly matured: number;
  readonly right: number;
}

/**
 * Forecasts on record of protocols whose risk was not above a threshold yet and was forecast to rise above it: how many have an
 * outcome, and how often it was above.
 */
export async function listRiseRecords(
  db: Database,
  { source, thresholds }: { readonly source: string; readonly thresholds: readonly number[] },
): Promise<(ForecastRecordRow & { readonly threshold: number })[]> {
  const { rows } = await sql<ForecastRecordRow & { threshold: number }>`
    select asked.threshold, count(forecast.id)::int as matured,
      count(*) filter (where forecast.actual_value > asked.threshold)::int as "right"
    from unnest(${thresholds}::int[]) as asked (threshold)
    left join predictions as forecast
      on forecast.on_record and forecast.kind = 'risk' and forecast.source = ${source} and forecast.market_id is null
      and forecast.actual_value is not null and forecast.created_at < forecast.target_at
      and forecast.value > asked.threshold and forecast.current_value <= asked.threshold
    group by asked.threshold`.execute(db);
  return rows;
}

/** Forecasts on record of protocols, of risk and yield: how many have an outcome, and how often it was within the stated interval. */
export async function getIntervalRecord(db: Database, source: string): Promise<ForecastRecordRow> {
  const { rows } = await sql<ForecastRecordRow>`
    select count(*)::int as matured, count(*) filter (where actual_value between lower and upper)::int as "right"
    from predictions
    where on_record and source = ${source} and market_id is null and actual_value is not null
      and created_at < target_at`.execute(db);
  const [record] = rows;
  if (record === undefined) throw new Error("A count has one row.");
  return record;
}
