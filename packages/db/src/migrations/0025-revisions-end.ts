// Compatible: an older server goes on as it did, and clears none of them.

import { type Kysely, sql } from "kysely";

/** Lets revisions go that were replaced more than 400 days before the newest import of their source; the others stay, as before. */
export async function up(db: Kysely<unknown>): Promise<void> {
  // One statement at a time: PGlite prepares each, and a prepared statement is a single one.
  for (const statement of statements) await sql.raw(statement).execute(db);
}

const statements = [
  // For finding those of one import; on Postgres it is made while nothing else is written, and revisions are few.
  `create index market_history_revisions_by_replacement on market_history_revisions (replaced_by)`,
  `create function refuse_all_but_old_revisions() returns trigger language plpgsql as $$
  begin
    if exists (
      select from market_imports as replacing
      where replacing.id = old.replaced_by and replacing.completed_at <= (
        select completed_at - interval '9600 hours' from market_imports
        where source = old.source order by sequence desc limit 1
      )
    ) then
      return old;
    end if;
    raise exception 'market_history_revisions is append-only' using errcode = 'restrict_violation',
      hint = 'Only what was replaced 400 days before the newest import of its source may go.';
  end $$`,
  `drop trigger market_history_revisions_append_only on market_history_revisions`,
  `create trigger market_history_revisions_append_only before update on market_history_revisions
    for each row execute function refuse_change()`,
  `create trigger market_history_revisions_last before delete on market_history_revisions
    for each row execute function refuse_all_but_old_revisions()`,
];
