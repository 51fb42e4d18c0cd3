import type { Database } from "@obsqra/db";
import { illiquidityHorizonDays, illiquidityObservedDaysMin } from "@obsqra/ml";
import { sql } from "kysely";
import { type SourceNow, servedImport } from "../../market/served-data.fragments.ts";
import { isIlliquidColumn, isUsable, showsIlliquid } from "./illiquid.fragments.ts";
import { isKnownBy } from "./on-record.fragments.ts";

/** How many forecasts have an outcome, and how many of these came true. */
export interface ForecastRecordRow {
  readonly matured: number;
  readonly right: number;
}

/** Of forecasts that say that something is beyond a threshold. */
export interface ThresholdRecordRow extends ForecastRecordRow {
  readonly threshold: number;
}

/** What is counted. */
interface CountedForecasts extends SourceNow {
  readonly thresholds: readonly number[];
}

/**
 * Forecasts on record of protocols whose risk was not above a threshold yet and was forecast to rise above it: how many have an
 * outcome, and how often it was above.
 */
export async function listRiseRecords(
  db: Database,
  { source, now, thresholds }: CountedForecasts,
): Promise<ThresholdRecordRow[]> {
  const { rows } = await sql<ThresholdRecordRow>`
    select asked.threshold, count(forecast.id)::int as matured,
      count(*) filter (where forecast.actual_value > asked.threshold)::int as "right"
    from unnest(${thresholds}::float8[]) as asked (threshold)
    left join predictions as forecast
      on forecast.on_record and forecast.kind = 'risk' and forecast.source = ${source} and forecast.market_id is null
      and forecast.actual_value is not null and forecast.created_at < forecast.target_at and ${isKnownBy(now)}
      and forecast.value > asked.threshold and forecast.current_value <= asked.threshold
    group by asked.threshold`.execute(db);
  return rows;
}

/** Forecasts on record of protocols' yields below a threshold: how many have an outcome, and how often it was below. */
export async function listLowYieldRecords(
  db: Database,
  { source, now, thresholds }: CountedForecasts,
): Promise<ThresholdRecordRow[]> {
  const { rows } = await sql<ThresholdRecordRow>`
    select asked.threshold, count(forecast.id)::int as matured,
      count(*) filter (where forecast.actual_value < asked.threshold)::int as "right"
    from unnest(${thresholds}::float8[]) as asked (threshold)
    left join predictions as forecast
      on forecast.on_record and forecast.kind = 'yield' and forecast.source = ${source} and forecast.market_id is null
      and forecast.actual_value is not null and forecast.created_at < forecast.target_at and ${isKnownBy(now)}
      and forecast.value < asked.threshold
    group by asked.threshold`.execute(db);
  return rows;
}

/**
 * Forecasts on record of lending markets that were liquid and whose probability of illiquidity was above a threshold, percent: of how
 * many the days that it is about are over and observed, and how often the market was illiquid on one of them. The outcome is that
 * which the model was trained and tested on.
 */
export async function listIlliquidityRecords(
  db: Database,
  { source, now, thresholds }: CountedForecasts,
): Promise<ThresholdRecordRow[]> {
  const horizon = sql`interval '24 hours' * ${sql.lit(illiquidityHorizonDays)}`;
  const { rows } = await sql<ThresholdRecordRow>`
    with ${servedImport({ source, now })},
    outcomes as materialized (
      select 100 * (forecast.details ->> 'illiquidity_probability')::float8 as percent, seen.is_illiquid
      from predictions as forecast
      cross join lateral (
        select count(*) as days, coalesce(bool_or(of_day.is_illiquid), false) as is_illiquid
        from (
          select distinct on (date_trunc('day', observed_at, 'UTC')) ${showsIlliquid} as is_illiquid
          from market_history
          where market_id = forecast.market_id and source = ${source} and ${isUsable}
            and observed_at >= forecast.as_of + interval '24 hours'
            and observed_at < forecast.as_of + ${horizon} + interval '24 hours'
          order by date_trunc('day', observed_at, 'UTC'), observed_at desc
        ) as of_day
      ) as seen
      where forecast.on_record and forecast.kind = 'risk' and forecast.source = ${source}
        and forecast.market_id is not null and forecast.created_at < forecast.as_of + ${horizon}
        and forecast.as_of + ${horizon} <= (select newest_day from served_import)
        and (forecast.details ->> 'illiquidity_probability')::float8 * 100 > ${Math.min(...thresholds)}
        and (seen.is_illiquid or seen.days >= ${sql.lit(illiquidityObservedDaysMin)})
        and not ${isIlliquidColumn({ market: sql`forecast.market_id`, source, day: sql`forecast.as_of` })}
    )
    select asked.threshold, count(outcomes.percent)::int as matured,
      count(*) filter (where outcomes.is_illiquid)::int as "right"
    from unnest(${thresholds}::float8[]) as asked (threshold)
    left join outcomes on outcomes.percent > asked.threshold
    group by asked.threshold`.execute(db);
  return rows;
}

/** Forecasts on record of protocols, of risk and yield: how many have an outcome, and how often it was within the stated interval. */
export async function getIntervalRecord(
  db: Database,
  { source, now }: SourceNow,
): Promise<ForecastRecordRow> {
  const { rows } = await sql<ForecastRecordRow>`
    select count(*)::int as matured, count(*) filter (where actual_value between lower and upper)::int as "right"
    from predictions
    where on_record and source = ${source} and market_id is null and actual_value is not null
      and created_at < target_at and ${isKnownBy(now)}`.execute(db);
  const [record] = rows;
  if (record === undefined) throw new Error("A count has one row.");
  return record;
}
