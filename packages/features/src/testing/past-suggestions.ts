import { sql } from "kysely";
import type { TestApi } from "./create-test-api.ts";

/** Puts suggestions on record, of days that follow each other up to the newest of its source. */
export async function addPastSuggestions({ deps }: Pick<TestApi, "deps">, count: number): Promise<void> {
  await sql`
    insert into suggestion_record (source, made_on, as_of, target_at, horizon_days, outcome, forced, expected_improvement,
      confidence, recorded_at)
    select ${deps.marketSource}, day, day - interval '1 day', day + interval '6 days', 7, 'hold', false, 0.1, 0.5, day
    from generate_series(1, ${count}::int) as age,
      cast('2026-01-01'::timestamptz - make_interval(days => age) as timestamptz) as day`.execute(deps.db);
}
