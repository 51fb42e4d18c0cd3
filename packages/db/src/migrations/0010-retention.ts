// Compatible: an older server reads and writes as it did; it clears nothing, and looks for outcomes of closed forecasts,
// too, which it may still add. While the indexes are built, nobody can write forecasts, for about a second per million.

import { type Kysely, sql } from "kysely";

/** Gives an end to rejected models' files, to forecasts off the record, and to the wait for outcomes that nobody observed. */
export async function up(db: Kysely<unknown>): Promise<void> {
  // One statement at a time: PGlite prepares each, and a prepared statement is a single one.
  for (const statement of [...forecasts, ...models]) await sql.raw(statement).execute(db);
}

const forecasts = [
  `alter table predictions add column closed_at timestamptz`,
  `drop index predictions_due`,
  `create index predictions_due on predictions (source, target_at, id)
    where actual_value is null and closed_at is null and not stale`,
  `create index predictions_off_record on predictions (created_at) where not on_record`,
  // Either its outcome, or once that nobody looks for it any more; the comparison covers every other column.
  `create or replace function refuse_all_but_the_outcome() returns trigger language plpgsql as $$
  declare
    unchanged predictions := new;
  begin
    unchanged.actual_value := old.actual_value;
    unchanged.actual_at := old.actual_at;
    unchanged.closed_at := old.closed_at;
    if old.actual_value is null and unchanged is not distinct from old and (
      (new.actual_value is not null and new.closed_at is not distinct from old.closed_at)
      or (new.actual_value is null and new.actual_at is null and old.closed_at is null and new.closed_at is not null)
    ) then
      return new;
    end if;
    raise exception 'predictions only take their outcome, once' using errcode = 'restrict_violation';
  end $$`,
  `create function refuse_deletion_from_the_record() returns trigger language plpgsql as $$
  begin
    if old.on_record then
      raise exception 'a forecast on record stays' using errcode = 'restrict_violation';
    end if;
    return old;
  end $$`,
  `drop trigger predictions_append_only on predictions`,
  `create trigger predictions_append_only before delete on predictions
    for each row execute function refuse_deletion_from_the_record()`,
];

const models = [
  `alter table models alter column artefact drop not null`,
  // A file may go once nobody can need it, and come back as it was: a version is its content.
  `create function refuse_all_but_the_file() returns trigger language plpgsql as $$
  declare
    unchanged models := new;
  begin
    unchanged.artefact := old.artefact;
    if tg_op = 'UPDATE' and unchanged is not distinct from old then
      if old.artefact is null and encode(sha256(new.artefact), 'hex') = old.artefact_sha256 then return new; end if;
      if new.artefact is null
        and not exists (select 1 from model_promotions where version = old.version)
        and not exists (select 1 from predictions where kind = old.kind and model_version = old.version)
      then
        return new;
      end if;
    end if;
    raise exception 'models is append-only' using errcode = 'restrict_violation';
  end $$`,
  `drop trigger models_append_only on models`,
  `create trigger models_append_only before update or delete on models
    for each row execute function refuse_all_but_the_file()`,
  `create function require_model_file() returns trigger language plpgsql as $$
  begin
    perform 1 from models where version = new.version and artefact is not null for key share;
    if not found then
      raise exception 'model % has no file', new.version using errcode = 'restrict_violation';
    end if;
    return new;
  end $$`,
  `create trigger model_promotions_file before insert on model_promotions
    for each row execute function require_model_file()`,
];
