import { type RawBuilder, sql } from "kysely";

/** How long after `as_of` a forecast has to be known to a witness: until the first day that it did not know is over. */
const timeMax = sql.raw("interval '48 hours'");

/** Since when one of the witnesses knows each run of forecasts: `witnessed_run` for a `with`, by import and model. */
export function witnessedRuns(witnesses: readonly string[]): RawBuilder<unknown> {
  return sql`witnessed_run as materialized (
    select import_id, model_version, ${witnessedAt(witnesses, sql`run`)} as witnessed_at
    from (select distinct import_id, model_version from forecast_runs) as run)`;
}

/** Since when one of the witnesses knows the run of forecasts that a row of `predictions` is of; null where none does. */
export function forecastWitnessedAt(witnesses: readonly string[]): RawBuilder<Date | null> {
  if (witnesses.length === 0) return sql`null::timestamptz`;
  return witnessedAt(witnesses, sql`predictions`);
}

/**
 * The forecasts of a run are logged together, and signed with their manifest. The first tree with it that a witness has cosigned is looked
 * at: of a larger one it says the same moment or a later one.
 *
 * @param run with `import_id` and `model_version`, which name the manifest
 */
function witnessedAt(witnesses: readonly string[], run: RawBuilder<unknown>): RawBuilder<Date | null> {
  return sql`(
    select min(cosigned_at) from log_entries as manifest
      cross join unnest(${[...witnesses]}::text[]) as known (witness)
      cross join lateral (
        select cosigned_at from log_cosignatures
        where log_cosignatures.witness = known.witness and size > manifest.leaf_index order by size limit 1
      ) as first
    where manifest.type = 'batch' and manifest.subject = ${run}.import_id::text || ' ' || ${run}.model_version)`;
}

/**
 * Whether a forecast does not count, as no witness knew it in time; for a `with` that has `served_import`. As long as the data do not go
 * beyond `as_of`, one may still.
 */
export function isUnwitnessed(
  witnesses: readonly string[],
  witnessedAt: RawBuilder<unknown>,
): RawBuilder<boolean> {
  if (witnesses.length === 0) return sql`false`;
  return sql<boolean>`(as_of < (select newest_day from served_import)
    and not coalesce(${witnessedAt} < as_of + ${timeMax}, false))`;
}
