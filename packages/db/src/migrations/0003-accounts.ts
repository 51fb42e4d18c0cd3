// Compatible: an older server goes on serving beside one of this version. Wallets that it links meanwhile are primary
// wallets without an entry in user_wallets, until they are linked again.

import { type Kysely, sql } from "kysely";

/** Several wallets per user, emailed links, API keys, brute-force counters, the audit log, and erasure. */
export async function up(db: Kysely<unknown>): Promise<void> {
  // One statement at a time: PGlite prepares each, and a prepared statement is a single one.
  for (const statement of [...users, ...wallets, ...credentials, ...email, ...audit]) {
    await sql.raw(statement).execute(db);
  }
}

const users = [
  `alter table users add column erase_after timestamptz`,
  `alter table users add column erased_at timestamptz`,
  `create index users_erase_after on users (erase_after) where erase_after is not null`,
];

const wallets = [
  `create table user_wallets (
    address text primary key check (address ~ '^0x[0-9a-f]{64}$'),
    user_id uuid not null references users on delete cascade,
    state text not null check (state in ('deployed', 'counterfactual')),
    signed_hash text,
    signature jsonb,
    linked_at timestamptz not null,
    checked_at timestamptz not null
  )`,
  `create index user_wallets_user_id on user_wallets (user_id, linked_at)`,
  `create index user_wallets_counterfactual on user_wallets (checked_at) where state = 'counterfactual'`,
  `insert into user_wallets (address, user_id, state, linked_at, checked_at)
    select wallet_address, id, 'deployed', updated_at, updated_at from users where wallet_address is not null`,
];

const credentials = [
  `create table api_keys (
    id uuid primary key,
    user_id uuid not null references users on delete cascade,
    name text not null,
    prefix text not null,
    key_hash bytea not null unique,
    scopes text[] not null,
    created_at timestamptz not null,
    expires_at timestamptz not null,
    last_used_at timestamptz,
    revoked_at timestamptz
  )`,
  `create index api_keys_user_id on api_keys (user_id, id desc)`,
  `create table auth_throttle (
    key bytea primary key,
    attempts integer not null check (attempts > 0),
    next_attempt_at timestamptz not null,
    reset_at timestamptz not null
  )`,
  `create index auth_throttle_reset_at on auth_throttle (reset_at)`,
  `alter table auth_one_time_tokens drop constraint auth_one_time_tokens_purpose_check`,
  `alter table auth_one_time_tokens add constraint auth_one_time_tokens_purpose_check check (purpose in
    ('wallet_challenge', 'email_verification', 'password_reset', 'email_change_old', 'email_change_new'))`,
  `create index auth_one_time_tokens_expires_at on auth_one_time_tokens (expires_at)`,
  // Whether any hash of the original backend is left, which slows failed logins, is asked at every login.
  `create index user_passwords_legacy on user_passwords (user_id) where hash like '$2%'`,
];

const email = [
  `create table email_outbox (
    id uuid primary key,
    user_id uuid references users on delete cascade,
    sealed bytea not null,
    attempts integer not null default 0,
    created_at timestamptz not null,
    next_attempt_at timestamptz not null
  )`,
  `create index email_outbox_next_attempt_at on email_outbox (next_attempt_at)`,
  `create index email_outbox_user_id on email_outbox (user_id)`,
];

// Each event contains the hash of the previous one. What is personal in an event can be erased together with the
// account; its hash stays, so that the chain can still be followed.
const audit = [
  `create table audit_events (
    id uuid primary key,
    user_id uuid not null references users on delete cascade,
    position bigint not null check (position > 0),
    type text not null,
    occurred_at timestamptz not null,
    ip text,
    user_agent text,
    details jsonb not null,
    salt bytea,
    content_hash bytea not null check (length(content_hash) = 32),
    previous_hash bytea not null check (length(previous_hash) = 32),
    hash bytea not null check (hash = sha256(previous_hash || content_hash)),
    unique (user_id, position)
  )`,
  `create function chain_audit_event() returns trigger language plpgsql as $$
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
    new.position := coalesce(latest.position, 0) + 1;
    new.previous_hash := coalesce(latest.hash, decode(repeat('00', 32), 'hex'));
    new.hash := sha256(new.previous_hash || new.content_hash);
    return new;
  end $$`,
  `create trigger audit_events_chain before insert on audit_events
    for each row execute function chain_audit_event()`,
  `create function refuse_all_but_erasure() returns trigger language plpgsql as $$
  declare
    unchanged audit_events := new;
  begin
    unchanged.ip := old.ip;
    unchanged.user_agent := old.user_agent;
    unchanged.details := old.details;
    unchanged.salt := old.salt;
    if unchanged is not distinct from old and new.ip is null and new.user_agent is null and new.salt is null
      and new.details = '{}'::jsonb and exists (select 1 from users where id = old.user_id and erased_at is not null)
    then
      return new;
    end if;
    raise exception 'audit_events is append-only' using errcode = 'restrict_violation';
  end $$`,
  `create trigger audit_events_immutable before update on audit_events
    for each row execute function refuse_all_but_erasure()`,
  `create trigger audit_events_append_only before delete on audit_events
    for each row execute function refuse_change_while_user_exists()`,
  `create trigger audit_events_keep before truncate on audit_events execute function refuse_change()`,
];
