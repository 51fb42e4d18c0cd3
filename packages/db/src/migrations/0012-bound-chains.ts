// Compatible: an older server beside this one goes on recording, because the database computes what is hashed. Its own check
// of the chains does not know the new hashes and reports the entries that were added since as changed.

import { type Kysely, sql } from "kysely";

/** Binds entries of chains to their owner and place, keeps whole logs from disappearing, and refuses to delete users. */
export async function up(db: Kysely<unknown>): Promise<void> {
  // One statement at a time: PGlite prepares each, and a prepared statement is a single one.
  for (const statement of [...columns, ...hashes, ...list, ...existingLogs, ...chains, ...rules]) {
    await sql.raw(statement).execute(db);
  }
}

// What exists keeps its hashes, which users may have kept elsewhere: version 1. Version 2 hashes owner and position, too.
const columns = [
  `alter table audit_events
    add column hash_version smallint not null default 1 check (hash_version in (1, 2)),
    add column personal_hash bytea check (length(personal_hash) = 32),
    add check ((personal_hash is null) = (hash_version = 1)),
    add check (occurred_at = date_trunc('milliseconds', occurred_at)) not valid`,
  `alter table audit_events alter column hash_version drop default`,
  `alter table transaction_statuses
    add column hash_version smallint not null default 1 check (hash_version in (1, 2)),
    add check (observed_at = date_trunc('milliseconds', observed_at)) not valid`,
  `alter table transaction_statuses alter column hash_version drop default`,
  `alter table transactions add check (created_at = date_trunc('milliseconds', created_at)) not valid`,
  // Nobody reads them, and no hash vouches for them: the position says what came first.
  `alter table transactions drop column sequence`,
  `alter table transaction_statuses drop column sequence`,
];

const timeFormat = `YYYY-MM-DD"T"HH24:MI:SS.MS"Z"`;

// As the API shows them.
const hashes = [
  `create function sha256_of_json(value jsonb) returns bytea language sql immutable as $$
    select sha256(convert_to(canonical_json(value), 'UTF8'))
  $$`,
  // Apart, and salted: it goes in an erasure, and its hash stays.
  `create function hash_audit_person(event audit_events) returns bytea language sql stable as $$
    select sha256_of_json(jsonb_build_object(
      'details', event.details,
      'ip', event.ip,
      'salt', encode(event.salt, 'hex'),
      'user_agent', event.user_agent
    ))
  $$`,
  `create function hash_audit_event(event audit_events) returns bytea language sql stable as $$
    select sha256_of_json(jsonb_build_object(
      'hash_version', event.hash_version,
      'id', event.id,
      'occurred_at', to_char(event.occurred_at at time zone 'UTC', '${timeFormat}'),
      'owner_id', event.user_id,
      'personal_hash', encode(event.personal_hash, 'hex'),
      'position', event.position,
      'type', event.type
    ))
  $$`,
  `create function hash_placed_entry(logged transactions, entry transaction_statuses) returns bytea
    language sql stable as $$
    select sha256_of_json(jsonb_build_object(
      'hash_version', entry.hash_version,
      'id', entry.id,
      'owner_id', entry.owner_id,
      'position', entry.position,
      'transaction_id', logged.id,
      'tx_hash', logged.tx_hash,
      'tx_type', logged.tx_type,
      'amount', logged.amount::text,
      'details', logged.details,
      'suggestion_id', logged.suggestion_id,
      'created_at', to_char(logged.created_at at time zone 'UTC', '${timeFormat}'),
      'status', entry.status,
      'observed_at', to_char(entry.observed_at at time zone 'UTC', '${timeFormat}')
    ))
  $$`,
];

// Which logs there are: itself a chain, so that none can be taken out. Where each ends is written beside it, and is no part of
// a hash, because it goes on.
const list = [
  `create table chained_logs (
    position bigint primary key check (position > 0),
    log text not null check (log in ('audit', 'transactions')),
    owner_id uuid not null,
    old_length bigint not null check (old_length >= 0),
    old_digest bytea not null check (length(old_digest) = 32),
    content_hash bytea not null check (length(content_hash) = 32),
    previous_hash bytea not null check (length(previous_hash) = 32),
    hash bytea not null check (hash = sha256(previous_hash || content_hash)),
    end_position bigint not null check (end_position > 0),
    end_hash bytea not null check (length(end_hash) = 32),
    unique (log, owner_id)
  )`,
  `create function list_log(
    log_name text, owner uuid, length_before bigint, digest_before bytea, newest bigint, newest_hash bytea
  ) returns void language plpgsql as $$
  declare
    latest record;
    place bigint;
    content bytea;
    before bytea;
  begin
    -- Two logs at once would otherwise follow the same one.
    perform pg_advisory_xact_lock(hashtextextended('chained_logs', 0));
    select position, hash into latest from chained_logs order by position desc limit 1;
    place := coalesce(latest.position, 0) + 1;
    content := sha256_of_json(jsonb_build_object(
      'log', log_name,
      'old_digest', encode(digest_before, 'hex'),
      'old_length', length_before,
      'owner_id', owner,
      'position', place
    ));
    before := coalesce(latest.hash, decode(repeat('00', 32), 'hex'));
    insert into chained_logs
      (position, log, owner_id, old_length, old_digest, content_hash, previous_hash, hash, end_position, end_hash)
      values (place, log_name, owner, length_before, digest_before, content, before, sha256(before || content),
        newest, newest_hash);
  end $$`,
  `create function move_log_end(log_name text, owner uuid, newest bigint, newest_hash bytea) returns void
    language plpgsql as $$
  begin
    update chained_logs set end_position = newest, end_hash = newest_hash where log = log_name and owner_id = owner;
    if not found then
      perform list_log(log_name, owner, 0, sha256(''), newest, newest_hash);
    end if;
  end $$`,
];

// The digest vouches for what the hashes of version 1 leave open: whose they are, and what is left of an erased event.
const existingLogs = [
  `do $$
  declare
    found_log record;
  begin
    for found_log in
      select user_id as owner, max(position) as newest, (array_agg(hash order by position desc))[1] as newest_hash,
        sha256(convert_to(string_agg(canonical_json(jsonb_build_array(position, encode(hash, 'hex'), id, type,
          to_char(occurred_at at time zone 'UTC', '${timeFormat}'))), '' order by position), 'UTF8')) as digest
      from audit_events group by user_id order by user_id
    loop
      perform list_log('audit', found_log.owner, found_log.newest, found_log.digest, found_log.newest, found_log.newest_hash);
    end loop;
    for found_log in
      select owner_id as owner, max(position) as newest, (array_agg(hash order by position desc))[1] as newest_hash,
        sha256(convert_to(string_agg(canonical_json(jsonb_build_array(position, encode(hash, 'hex'), id)), ''
          order by position), 'UTF8')) as digest
      from transaction_statuses group by owner_id order by owner_id
    loop
      perform list_log('transactions', found_log.owner, found_log.newest, found_log.digest, found_log.newest, found_log.newest_hash);
    end loop;
  end $$`,
];

const chains = [
  `create or replace function chain_audit_event() returns trigger language plpgsql as $$
  declare
    latest record;
    is_erased boolean;
  begin
    -- First the row that the foreign key is going to lock, or a transaction that changes this row and then records an
    -- event could wait for this one, and this one for it.
    select erased_at is not null into is_erased from users where id = new.user_id for key share;
    -- What was on its way while the account was erased would leave an address and a device behind.
    if is_erased and new.type <> 'account_erased' then
      return null;
    end if;
    -- Two events of a user at once would otherwise follow the same one.
    perform pg_advisory_xact_lock(hashtextextended('audit_events ' || new.user_id, 0));
    select position, hash into latest from audit_events where user_id = new.user_id order by position desc limit 1;
    new.hash_version := 2;
    new.position := coalesce(latest.position, 0) + 1;
    new.personal_hash := hash_audit_person(new);
    new.content_hash := hash_audit_event(new);
    new.previous_hash := coalesce(latest.hash, decode(repeat('00', 32), 'hex'));
    new.hash := sha256(new.previous_hash || new.content_hash);
    perform move_log_end('audit', new.user_id, new.position, new.hash);
    return new;
  end $$`,
  `create or replace function chain_transaction_entry() returns trigger language plpgsql as $$
  declare
    logged transactions;
    latest record;
    known text;
  begin
    select * into logged from transactions where id = new.transaction_id;
    -- First the row that logging a transaction locks, or a transaction that changes this row and then logs could wait
    -- for this one, and this one for it.
    perform from users where id = logged.owner_id for key share;
    -- Two entries of an owner at once would otherwise follow the same one.
    perform pg_advisory_xact_lock(hashtextextended('transactions ' || logged.owner_id, 0));
    select status into known from transaction_statuses where transaction_id = logged.id order by position desc limit 1;
    if known is distinct from (case new.status when 'pending' then null else 'pending' end) then
      raise exception 'a transaction that is % cannot become %', coalesce(known, 'new'), new.status
        using errcode = 'restrict_violation';
    end if;
    select position, hash into latest from transaction_statuses where owner_id = logged.owner_id
      order by position desc limit 1;
    new.hash_version := 2;
    new.owner_id := logged.owner_id;
    new.position := coalesce(latest.position, 0) + 1;
    new.content_hash := hash_placed_entry(logged, new);
    new.previous_hash := coalesce(latest.hash, decode(repeat('00', 32), 'hex'));
    new.hash := sha256(new.previous_hash || new.content_hash);
    perform move_log_end('transactions', new.owner_id, new.position, new.hash);
    return new;
  end $$`,
];

/** Those that let rows go together with their user, and now with nobody: users stay, as ids without a person. */
const keptTables = ["audit_events", "transactions", "transaction_statuses", "allocation_history"];

const rules = [
  `create function refuse_all_but_the_end() returns trigger language plpgsql as $$
  declare
    unchanged chained_logs := new;
  begin
    unchanged.end_position := old.end_position;
    unchanged.end_hash := old.end_hash;
    -- Within the trigger of an entry, and one by one.
    if tg_op = 'UPDATE' and unchanged is not distinct from old and new.end_position = old.end_position + 1
      and pg_trigger_depth() > 1
    then
      return new;
    end if;
    raise exception 'chained_logs only goes on' using errcode = 'restrict_violation';
  end $$`,
  `create trigger chained_logs_append_only before update or delete on chained_logs
    for each row execute function refuse_all_but_the_end()`,
  `create function refuse_listing_by_hand() returns trigger language plpgsql as $$
  begin
    if pg_trigger_depth() > 1 then return new; end if;
    raise exception 'a log is listed by its first entry' using errcode = 'restrict_violation';
  end $$`,
  `create trigger chained_logs_by_entries before insert on chained_logs
    for each row execute function refuse_listing_by_hand()`,
  `create trigger chained_logs_keep before truncate on chained_logs execute function refuse_change()`,
  ...keptTables.map((table) => `drop trigger ${table}_append_only on ${table}`),
  `create trigger audit_events_append_only before delete on audit_events for each row execute function refuse_change()`,
  ...keptTables.slice(1).map(
    (table) => `create trigger ${table}_append_only before update or delete on ${table}
      for each row execute function refuse_change()`,
  ),
  ...["user", "owner", "transaction"].map((whose) => `drop function refuse_change_while_${whose}_exists()`),
  `create function refuse_removal() returns trigger language plpgsql as $$
  begin
    raise exception '% stay, if need be without what is personal', tg_table_name using errcode = 'restrict_violation';
  end $$`,
  `create trigger users_stay before delete on users for each row execute function refuse_removal()`,
  `create trigger users_keep before truncate on users execute function refuse_removal()`,
];
