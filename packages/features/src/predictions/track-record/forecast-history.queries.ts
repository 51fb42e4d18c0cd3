import type { PastForecast, TimeOrder } from "@obsqra/contract";
import type { Database } from "@obsqra/db";
import { timeOrders } from "@obsqra/platform";
import { type RawBuilder, sql } from "kysely";
import {
  knownProtocolsColumn,
  readRow,
  rowsColumn,
  type ServedList,
  servedImport,
  servedImportColumn,
} from "../../market/served-data.fragments.ts";
import { forecastsOnRecord, isPending, knownOutcome, type RecordedForecasts } from "./on-record.fragments.ts";
import { forecastWitnessedAt, isUnwitnessed } from "./witnessed.fragments.ts";

/** A forecast on record with its outcome, with times as Postgres writes them in JSON. */
export interface PastForecastRow extends Omit<PastForecast, "outcome"> {
  readonly actual_value: number | null;
  readonly actual_at: string | null;
}

/** Which forecasts. */
export interface ForecastHistoryRange extends RecordedForecasts {
  /** With granularity `market`. */
  readonly market_id: string | undefined;
  readonly model_version: string | undefined;
  /** Of `as_of`, such as 2026-01. */
  readonly month: string | undefined;
  readonly sort: TimeOrder;
  /** The row to continue after. */
  readonly after: { readonly created_at: Date; readonly id: string } | undefined;
  readonly limit: number;
  /** Keys, one of which has to have known a forecast in time; none to count all forecasts. */
  readonly witnesses: readonly string[];
}

/** The forecasts on record by the moment at which they were made; those of one moment by id. None before the first import. */
export async function listForecastHistory(
  db: Database,
  range: ForecastHistoryRange,
): Promise<ServedList<PastForecastRow>> {
  const { after, sort, witnesses } = range;
  const { direction, beyond } = timeOrders[sort];
  const order = sql.raw(direction);
  const witnessedAt = forecastWitnessedAt(witnesses);
  // Not joined, so that nothing but the index puts rows in order.
  const list = sql`
    select id, kind, protocol, market_id, (select symbol from markets where markets.id = market_id) as symbol, created_at,
      as_of, target_at, extract(day from target_at - as_of)::int as horizon_days, value, lower, upper, interval_level,
      confidence, confidence_tolerance, baseline_value, served_by, model_version,
      ${knownOutcome(range.now)} as actual_value, actual_at,
      ${witnessedAt} as witnessed_at,
      case when ${isUnwitnessed(witnesses, witnessedAt)} then 'unwitnessed' when ${knownOutcome(range.now)} is not null then 'scored' when ${isPending} then 'pending' else 'unobserved' end as status
    from predictions
    where ${forecastsOnRecord(range)} and ${range.market_id === undefined ? sql`true` : sql`market_id = ${range.market_id}`}
      and ${range.model_version === undefined ? sql`true` : sql`model_version = ${range.model_version}`}
      and ${isOfMonth(range.month)} and ${
        after === undefined
          ? sql`true`
          : sql`(created_at, id) ${sql.raw(beyond)} (${after.created_at}::timestamptz, ${after.id}::uuid)`
      }
    order by created_at ${order}, id ${order}
    limit ${range.limit}`;
  return readRow(
    db,
    sql<ServedList<PastForecastRow>>`
    with ${servedImport(range)}
    select ${servedImportColumn}, ${knownProtocolsColumn(range.protocol)}, ${rowsColumn(list)}`,
  );
}

/** In UTC. */
function isOfMonth(month: string | undefined): RawBuilder<boolean> {
  if (month === undefined) return sql<boolean>`true`;
  // As the index has it.
  return sql<boolean>`date_trunc('month', as_of at time zone 'UTC') = ${`${month}-01`}::timestamp`;
}
