import { sql } from "kysely";
import type { ApiDependencies } from "../src/dependencies.ts";

/** Adds forecasts of one model per kind, for each protocol of the fixture and each of so many days, with their outcomes. */
export async function insertOutcomes(
  { db, marketSource }: Pick<ApiDependencies, "db" | "marketSource">,
  days: number,
): Promise<void> {
  await sql`
    insert into models (version, kind, horizon_days, algorithm, served_by, parameters, metrics, training_data_sha256,
      artefact, artefact_sha256, created_at)
    select kind, kind, 7, 'bench', 'model', '{}', '{}', '', '', '', now() from unnest(array['risk', 'yield']) as kind
  `.execute(db);
  await sql`
    insert into predictions (id, kind, source, protocol, model_version, as_of, target_at, stale, value, lower, upper,
      interval_level, confidence, confidence_tolerance, current_value, baseline_value, served_by, details, created_at,
      on_record, actual_value, actual_at)
    select gen_random_uuid(), model.version, ${marketSource}, place.name, model.version, day, day + interval '7 days',
      false, 50, 40, 60, 0.9, 0.8, 5, 50, 49, 'model', '{}', day, true, 51, now()
    from models as model
    cross join (select name from protocols where name like 'fixture%') as place
    cross join generate_series(timestamptz '2020-01-01', timestamptz '2020-01-01' + make_interval(days => ${days - 1}::int), interval '1 day') as day`.execute(
    db,
  );
  await sql`analyze predictions`.execute(db);
}
