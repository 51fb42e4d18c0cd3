import type { Database } from "@obsqra/db";
import { type RawBuilder, sql } from "kysely";
import {
  type PastSuggestionRow,
  pastSuggestionColumns,
} from "../../predictions/track-record/suggestion-history.queries.ts";

const isLogged = (id: RawBuilder<unknown>) =>
  sql`exists (select from log_entries where type = 'suggestion_outcome' and subject = ${id}::text)`;

/** Until when the outcomes of suggestions of a source are in the log; undefined where none is. */
export async function findLoggedUntil(db: Database, source: string): Promise<Date | undefined> {
  const { rows } = await sql<{ recorded_at: Date }>`
    select recorded_at from suggestion_record as record
    where source = ${source} and ${isLogged(sql`record.id`)} order by recorded_at desc limit 1`.execute(db);
  return rows[0]?.recorded_at;
}

/** Suggestions of a source that were put on record since a moment, and are not in the log, the first first. */
export async function listUnloggedSuggestions(
  db: Database,
  range: { readonly source: string; readonly since: Date | undefined; readonly limit: number },
): Promise<PastSuggestionRow[]> {
  const { rows } = await sql<PastSuggestionRow>`
    select ${pastSuggestionColumns} from suggestion_record as record
    where source = ${range.source} and not ${isLogged(sql`record.id`)}
      and ${range.since === undefined ? sql`true` : sql`recorded_at >= ${range.since}`}
    order by recorded_at, id limit ${range.limit}`.execute(db);
  return rows;
}
