import type { Database } from "@obsqra/db";
import { sql } from "kysely";
import { witnessedNote } from "./witnesses/cosignatures.queries.ts";

/** A suggestion as it is stored, with its place in the log and what opens its hashes. */
export interface LoggedSuggestion {
  readonly answer: unknown;
  /** Null, like its place, while it is not in the log. */
  readonly salt: Uint8Array | null;
  readonly leaf_index: number | null;
  readonly entry: Uint8Array | null;
  /** The newest checkpoint. */
  readonly checkpoint: string;
  /** The cosigned checkpoint that shows best when the suggestion was there; null where none is. */
  readonly witnessed_checkpoint: string | null;
  /** Of the forecasts that it rests on. */
  readonly batches: readonly number[];
}

/** One of the owner's suggestions, with its place in the log, and the newest checkpoint, which covers it. */
export async function findLoggedSuggestion(
  db: Database,
  { id, owner_id }: { readonly id: string; readonly owner_id: string },
): Promise<LoggedSuggestion | undefined> {
  const { rows } = await sql<LoggedSuggestion>`
    select answer, salt, logged.leaf_index::float8 as leaf_index, logged.entry,
      (select note from log_checkpoints order by size desc limit 1) as checkpoint,
      ${witnessedNote(sql`logged.leaf_index`, sql`coalesce(suggestion.due_at, suggestion.created_at)`)} as witnessed_checkpoint,
      (
        select coalesce(json_agg(manifest.leaf_index order by manifest.leaf_index), '[]')
        from jsonb_each_text(answer -> 'model_versions') as model (kind, version)
          join log_entries as manifest on manifest.type = 'batch'
            and manifest.subject = (answer #>> '{made_from,import_id}') || ' ' || model.version
      ) as batches
    from rebalance_suggestions as suggestion
      left join log_salts on log_salts.suggestion_id = suggestion.id
      left join (select leaf_index, entry from log_entries where type = 'suggestion' and subject = ${id}) as logged on true
    where suggestion.id = ${id} and suggestion.owner_id = ${owner_id}`.execute(db);
  return rows[0];
}
