import type { Database } from "@obsqra/db";
import { sql } from "kysely";
import { type SourceNow, servedImport } from "../../market/served-data.fragments.ts";
import { forecastsOnRecord, knownOutcome } from "./on-record.fragments.ts";
import { isUnwitnessed, witnessedRuns } from "./witnessed.fragments.ts";

/** How the forecasts of a kind did whose days have come lately. Means are null when nothing is scored. */
export interface RecentRecordRow {
  readonly kind: "risk" | "yield";
  readonly scored: number;
  readonly mae: number | null;
  readonly baseline_mae: number | null;
  readonly coverage: number | null;
  /** Which share of the outcomes the intervals promise to hold. */
  readonly interval_level: number | null;
}

/** Which forecasts: those of markets or of protocols, with a target within so many days before now. */
export interface RecentRecordRange extends SourceNow {
  readonly granularity: "protocol" | "market";
  readonly days: number;
  readonly witnesses: readonly string[];
}

/** The forecasts on record of the last days, by kind: the same that the track record counts. */
export async function listRecentRecord(
  db: Database,
  { days, witnesses, ...range }: RecentRecordRange,
): Promise<RecentRecordRow[]> {
  const recorded = { ...range, kind: undefined, protocol: undefined };
  const { rows } = await sql<RecentRecordRow>`
    with ${servedImport(range)}, ${witnessedRuns(witnesses)}, scored as (
      select kind, value, baseline_value, lower, upper, interval_level, ${knownOutcome(range.now)} as actual_value
      from predictions ${witnesses.length === 0 ? sql`` : sql`left join witnessed_run using (import_id, model_version)`}
      where ${forecastsOnRecord(recorded)} and not ${isUnwitnessed(witnesses, sql`witnessed_at`)}
        and target_at > ${range.now}::timestamptz - ${days} * interval '24 hours'
    )
    select kind, count(*)::int as scored, avg(abs(actual_value - value)) as mae,
      avg(abs(actual_value - baseline_value)) as baseline_mae,
      avg((actual_value between lower and upper)::int)::float8 as coverage, avg(interval_level)::float8 as interval_level
    from scored where actual_value is not null group by kind order by kind`.execute(db);
  return rows;
}
