// Compatible: an older server goes on reading and writing beside one of this version. It promotes without a decision, and
// its forecasts do not enter the track record.

import { type Kysely, sql } from "kysely";

/** Keeps what was decided about each trained model, and what is on record; makes forecasts immutable. */
export async function up(db: Kysely<unknown>): Promise<void> {
  // One statement at a time: PGlite prepares each, and a prepared statement is a single one.
  for (const statement of [...decisions, ...record, ...rules]) await sql.raw(statement).execute(db);
}

const decisions = [
  `create table model_decisions (
    id uuid primary key,
    sequence bigint not null generated always as identity,
    kind text not null check (kind in ('risk', 'yield')),
    source text not null,
    horizon_days integer not null check (horizon_days > 0),
    challenger_version text not null references models,
    champion_version text references models,
    outcome text not null check (outcome in ('promoted', 'rejected', 'rolled_back')),
    reason text not null,
    n integer not null check (n >= 0),
    challenger_mae double precision,
    champion_mae double precision,
    baseline_mae double precision,
    import_id uuid not null references market_imports,
    decided_at timestamptz not null
  )`,
  `create index model_decisions_source on model_decisions (source, sequence desc)`,
  `create index model_decisions_import on model_decisions (import_id, kind, challenger_version)`,
  `alter table model_promotions add column decision_id uuid unique references model_decisions`,
  // Every training was promoted before this migration, and compared with nothing.
  `insert into model_decisions (id, kind, source, horizon_days, challenger_version, champion_version, outcome, reason,
      n, import_id, decided_at)
    select promotion.id, promotion.kind, promotion.source, models.horizon_days, promotion.version,
      lag(promotion.version) over (partition by promotion.kind, promotion.source order by promotion.sequence),
      'promoted', 'not_compared', 0, promotion.import_id, promotion.promoted_at
    from model_promotions as promotion join models on models.version = promotion.version
    order by promotion.sequence`,
  `update model_promotions set decision_id = id`,
];

const record = [
  `alter table predictions add column on_record boolean not null default false`,
  `update predictions set on_record = true where id in (
    select distinct on (source, kind, protocol, market_id, as_of, target_at) id from predictions where not stale
    order by source, kind, protocol, market_id, as_of, target_at, created_at, id
  )`,
  `alter table predictions add check ((actual_value is null) = (actual_at is null))`,
  `alter table predictions add check (not (on_record and stale))`,
  `create unique index predictions_on_record_markets on predictions
    (source, kind, protocol, market_id, as_of, target_at) where on_record and market_id is not null`,
  `create unique index predictions_on_record_protocols on predictions
    (source, kind, protocol, as_of, target_at) where on_record and market_id is null`,
];

const rules = [
  // An outcome may be added once; the comparison covers every other column, also those of later migrations.
  `create function refuse_all_but_the_outcome() returns trigger language plpgsql as $$
  declare
    unchanged predictions := new;
  begin
    unchanged.actual_value := old.actual_value;
    unchanged.actual_at := old.actual_at;
    if old.actual_value is null and new.actual_value is not null and unchanged is not distinct from old then
      return new;
    end if;
    raise exception 'predictions only take their outcome, once' using errcode = 'restrict_violation';
  end $$`,
  `create trigger predictions_immutable before update on predictions
    for each row execute function refuse_all_but_the_outcome()`,
  `create trigger predictions_append_only before delete on predictions
    for each row execute function refuse_change()`,
  `create trigger predictions_keep before truncate on predictions execute function refuse_change()`,
  `create trigger model_decisions_append_only before update or delete on model_decisions
    for each row execute function refuse_change()`,
  `create trigger model_decisions_keep before truncate on model_decisions execute function refuse_change()`,
  `create trigger model_promotions_append_only before update or delete on model_promotions
    for each row execute function refuse_change()`,
  `create trigger model_promotions_keep before truncate on model_promotions execute function refuse_change()`,
];
