import type { Database } from "@obsqra/db";
import { sql } from "kysely";
import { forecastColumns, type LoggedForecastRow } from "./log/log-content.queries.ts";
import { witnessedNote } from "./witnesses/cosignatures.queries.ts";

/** A forecast as it is stored, with its place in the log. */
export interface LoggedForecast extends LoggedForecastRow {
  readonly leaf_index: number;
  readonly entry: Uint8Array;
  readonly actual_value: number | null;
  readonly actual_at: Date | null;
  /** Of the outcome's entry; null while there is none. */
  readonly outcome_index: number | null;
  /** The newest checkpoint. */
  readonly checkpoint: string;
  /** The cosigned checkpoint that shows best when the forecast was there; null where none is. */
  readonly witnessed_checkpoint: string | null;
}

/** A forecast that is in the log, and the newest checkpoint, which covers it. */
export async function findLoggedForecast(db: Database, id: string): Promise<LoggedForecast | undefined> {
  const { rows } = await sql<LoggedForecast>`
    select ${forecastColumns}, actual_value, actual_at, logged.leaf_index::float8 as leaf_index, logged.entry,
      (select leaf_index::float8 from log_entries where type = 'outcome' and subject = ${id}) as outcome_index,
      (select note from log_checkpoints order by size desc limit 1) as checkpoint,
      ${witnessedNote(sql`logged.leaf_index`, sql`predictions.target_at`)} as witnessed_checkpoint
    from predictions
      join (select leaf_index, entry from log_entries where type = 'forecast' and subject = ${id}) as logged on true
    where id = ${id}`.execute(db);
  return rows[0];
}
