import type { Database } from "@obsqra/db";
import { sql } from "kysely";

/** What figures of a market source rest on: when one of these changes, the figures may have. */
export interface DataVersion {
  readonly import_id: string | null;
  /** Models change, and forecasts are made, with a decision and never without. */
  readonly decision_id: string | null;
  readonly outcomes_recorded_at: Date | null;
  /** SHA-256 of the registry. */
  readonly protocols: string | null;
}

/** The newest of everything: three index look-ups, and the registry, which is small. */
export async function findDataVersion(db: Database, source: string): Promise<DataVersion | undefined> {
  const { rows } = await sql<DataVersion>`
    select
      (select id from market_imports where source = ${source} order by sequence desc limit 1) as import_id,
      (select id from model_decisions where source = ${source} order by sequence desc limit 1) as decision_id,
      (
        select actual_at from predictions
        where source = ${source} and actual_at is not null order by actual_at desc limit 1
      ) as outcomes_recorded_at,
      (
        select encode(sha256(convert_to(string_agg(protocols::text, ',' order by name), 'UTF8')), 'hex')
        from protocols
      ) as protocols`.execute(db);
  return rows[0];
}
