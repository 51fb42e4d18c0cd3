import type { Database } from "@obsqra/db";
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
import { type SuggestionSums, suggestionSumsColumn } from "./suggestion-history.queries.ts";
import { isUnwitnessed, witnessedRuns } from "./witnessed.fragments.ts";

/** Sums over the scored forecasts of a kind, protocol and horizon that one of model and baseline made. */
export interface TrackRecordSums {
  readonly served_by: "model" | "baseline";
  readonly n: number;
  readonly n_prospective: number;
  readonly n_pending: number;
  readonly n_unobserved: number;
  readonly n_unwitnessed: number;
  readonly absolute_error: number;
  readonly baseline_absolute_error: number;
  readonly covered: number;
  readonly interval_level: number;
  readonly within_tolerance: number;
  readonly confidence: number;
  /** ISO 8601; null when nothing is scored. */
  readonly first_target_at: string | null;
  readonly last_target_at: string | null;
}

/** What the forecasts on record are counted by. */
type RecordLines = "protocol" | "model" | "month";

const lineColumns: Readonly<Record<RecordLines, RawBuilder<string>>> = {
  protocol: sql<string>`protocol`,
  model: sql<string>`model_version`,
  month: sql<string>`to_char(as_of at time zone 'UTC', 'YYYY-MM')`,
};

/** The track record of a kind, line and horizon, in parts by who made the forecasts. */
export interface TrackRecordRow {
  readonly kind: "risk" | "yield";
  /** A protocol, model or month. */
  readonly line: string;
  readonly horizon_days: number;
  readonly parts: TrackRecordSums[];
}

/** A page of it, with how suggestions did. */
export interface TrackRecordRows extends ServedList<TrackRecordRow> {
  readonly suggestions: readonly SuggestionSums[];
}

/** Which forecasts. */
export interface TrackRecordRange extends RecordedForecasts {
  readonly by: RecordLines;
  /** The row to continue after. */
  readonly after: { readonly kind: string; readonly line: string; readonly horizon_days: number } | undefined;
  readonly limit: number;
  /** Keys, one of which has to have known a forecast in time; none to count all forecasts. */
  readonly witnesses: readonly string[];
}

/**
 * The forecasts on record, summed by kind, line and horizon. First by model, whose number the planner knows well, so
 * that it sums without sorting; a model has one horizon.
 */
export async function listTrackRecord(db: Database, range: TrackRecordRange): Promise<TrackRecordRows> {
  const { protocol, by, after, witnesses } = range;
  const unwitnessed = isUnwitnessed(witnesses, sql`witnessed_at`);
  const list = sql`
    select kind, line, horizon_days, json_agg(part order by served_by desc) as parts
    from part
    where ${
      after === undefined
        ? sql`true`
        : sql`(kind, line, horizon_days) > (${after.kind}, ${after.line}, ${after.horizon_days}::int)`
    }
    group by kind, line, horizon_days
    order by kind, line, horizon_days
    limit ${range.limit}`;
  return readRow(
    db,
    sql<TrackRecordRows>`
    with ${servedImport(range)}, ${witnessedRuns(witnesses)}, recorded as (
      select kind, ${lineColumns[by]} as line, model_version, served_by, as_of, target_at, created_at, value, baseline_value, lower, upper,
        interval_level, confidence, confidence_tolerance, ${unwitnessed} as unwitnessed,
        case when not ${unwitnessed} then ${knownOutcome(range.now)} end as actual_value
      from predictions ${witnesses.length === 0 ? sql`` : sql`left join witnessed_run using (import_id, model_version)`}
      where ${forecastsOnRecord(range)}
    ), of_model as (
      select kind, line, model_version, served_by,
        extract(day from min(target_at - as_of))::int as horizon_days, count(actual_value) as n,
        count(actual_value) filter (where created_at < target_at) as n_prospective,
        count(*) filter (where not unwitnessed and actual_value is null and ${isPending}) as n_pending,
        count(*) filter (where not unwitnessed and actual_value is null and not (${isPending})) as n_unobserved,
        count(*) filter (where unwitnessed) as n_unwitnessed,
        sum(abs(actual_value - value)) as absolute_error,
        sum(abs(actual_value - baseline_value)) as baseline_absolute_error,
        count(*) filter (where actual_value between lower and upper) as covered,
        sum(interval_level) filter (where actual_value is not null) as interval_level,
        count(*) filter (where abs(actual_value - value) <= confidence_tolerance) as within_tolerance,
        sum(confidence) filter (where actual_value is not null) as confidence,
        min(target_at) filter (where actual_value is not null) as first_target_at,
        max(target_at) filter (where actual_value is not null) as last_target_at
      from recorded
      group by kind, line, model_version, served_by
    ), part as (
      select kind, line, horizon_days, served_by,
        sum(n)::int as n, sum(n_prospective)::int as n_prospective, sum(n_pending)::int as n_pending,
        sum(n_unobserved)::int as n_unobserved, sum(n_unwitnessed)::int as n_unwitnessed, coalesce(sum(absolute_error), 0) as absolute_error,
        coalesce(sum(baseline_absolute_error), 0) as baseline_absolute_error, sum(covered)::int as covered,
        coalesce(sum(interval_level), 0) as interval_level, sum(within_tolerance)::int as within_tolerance,
        coalesce(sum(confidence), 0) as confidence, min(first_target_at) as first_target_at,
        max(last_target_at) as last_target_at
      from of_model group by kind, line, horizon_days, served_by
    )
    select ${servedImportColumn}, ${knownProtocolsColumn(protocol)}, ${rowsColumn(list)},
      ${by === "model" ? sql`'[]'::json as suggestions` : suggestionSumsColumn(range.source, by === "month" ? "month" : "all")}`,
  );
}

/** How far each of these witnesses knows the log, in their order: entries of the newest tree that it has cosigned; null before the first. */
export async function listWitnessedSizes(
  db: Database,
  witnesses: readonly string[],
): Promise<readonly (string | null)[]> {
  if (witnesses.length === 0) return [];
  const { rows } = await sql<{ size: string | null }>`
    select (select max(size)::text from log_cosignatures where log_cosignatures.witness = known.witness) as size
    from unnest(${[...witnesses]}::text[]) with ordinality as known (witness, position) order by position`.execute(
    db,
  );
  return rows.map(({ size }) => size);
}
