// Compatible: creates everything, changes nothing that exists.

import { type Kysely, sql } from "kysely";

/** Creates the tables, the indexes of the served queries, and the rules that keep logs append-only. */
export async function up(db: Kysely<unknown>): Promise<void> {
  // One statement at a time: PGlite prepares each, and a prepared statement is a single one.
  for (const statement of [...accounts, ...market, ...models, ...userFacts, ...appendOnly]) {
    await sql.raw(statement).execute(db);
  }
}

const accounts = [
  `create table users (
    id uuid primary key,
    email text not null unique check (email = lower(email)),
    email_verified_at timestamptz,
    full_name text not null,
    wallet_address text unique check (wallet_address ~ '^0x[0-9a-f]{64}$'),
    preferences jsonb not null,
    created_at timestamptz not null,
    updated_at timestamptz not null
  )`,
  `create table user_passwords (
    user_id uuid primary key references users on delete cascade,
    hash text not null,
    changed_at timestamptz not null
  )`,
  `create table auth_sessions (
    id uuid primary key,
    user_id uuid not null references users on delete cascade,
    created_at timestamptz not null,
    last_used_at timestamptz not null,
    expires_at timestamptz not null,
    revoked_at timestamptz,
    revoke_reason text,
    ip text,
    user_agent text
  )`,
  `create index auth_sessions_user_id on auth_sessions (user_id)`,
  `create table auth_refresh_tokens (
    token_hash bytea primary key,
    session_id uuid not null references auth_sessions on delete cascade,
    created_at timestamptz not null,
    expires_at timestamptz not null,
    used_at timestamptz
  )`,
  `create index auth_refresh_tokens_session_id on auth_refresh_tokens (session_id)`,
  `create table auth_one_time_tokens (
    token_hash bytea primary key,
    purpose text not null check (purpose in ('wallet_challenge')),
    user_id uuid not null references users on delete cascade,
    subject text not null,
    payload jsonb not null,
    created_at timestamptz not null,
    expires_at timestamptz not null
  )`,
  `create index auth_one_time_tokens_user_id on auth_one_time_tokens (user_id)`,
];

const market = [
  `create table protocols (
    name text primary key,
    display_name text not null,
    kind text not null check (kind in ('lending', 'dex')),
    status text not null check (status in ('active', 'paused', 'deprecated', 'exploited')),
    status_since timestamptz,
    evidence_url text,
    audit_score smallint not null check (audit_score between 0 and 100),
    audit_evidence_url text,
    launched_at timestamptz,
    incidents jsonb not null
  )`,
  `create table markets (
    id text primary key,
    protocol text not null references protocols,
    chain text not null,
    symbol text not null,
    kind text not null check (kind in ('lending', 'dex'))
  )`,
  `create index markets_protocol on markets (protocol)`,
  `create table market_imports (
    id uuid primary key,
    sequence bigint not null generated always as identity,
    source text not null,
    simulated boolean not null,
    content_sha256 text not null,
    report jsonb not null,
    observed_until timestamptz not null,
    fetched_at timestamptz not null,
    completed_at timestamptz not null
  )`,
  `create index market_imports_source on market_imports (source, sequence desc)`,
  `create table market_history (
    market_id text not null references markets,
    source text not null,
    observed_at timestamptz not null,
    tvl_usd double precision,
    apy double precision,
    apy_base double precision,
    apy_reward double precision,
    apy_base_borrow double precision,
    utilization double precision,
    frozen boolean,
    paused boolean,
    quality text[] not null,
    fetched_at timestamptz not null,
    primary key (source, market_id, observed_at)
  )`,
  `create table risk_history (
    market_id text not null references markets,
    source text not null,
    as_of timestamptz not null,
    protocol text not null references protocols,
    risk_score smallint not null check (risk_score between 5 and 95),
    utilization_bp integer not null check (utilization_bp between 0 and 10000),
    volatility_bp integer not null check (volatility_bp between 0 and 10000),
    liquidity_tier smallint not null check (liquidity_tier between 0 and 3),
    audit_score smallint not null check (audit_score between 0 and 100),
    age_days integer not null check (age_days >= 0),
    apy double precision,
    tvl_usd double precision,
    utilization double precision,
    primary key (source, market_id, as_of)
  )`,
  `create index risk_history_as_of on risk_history (source, as_of, protocol)`,
  `create index risk_history_protocol on risk_history (source, protocol, as_of)`,
  `create table analytics_cache (
    key text primary key,
    value jsonb not null,
    created_at timestamptz not null,
    expires_at timestamptz not null
  )`,
  `create index analytics_cache_expires_at on analytics_cache (expires_at)`,
];

const models = [
  `create table models (
    version text primary key,
    kind text not null check (kind in ('risk', 'yield')),
    horizon_days integer not null check (horizon_days > 0),
    algorithm text not null,
    served_by text not null check (served_by in ('model', 'baseline')),
    parameters jsonb not null,
    metrics jsonb not null,
    training_data_sha256 text not null,
    artefact bytea not null,
    artefact_sha256 text not null,
    created_at timestamptz not null
  )`,
  `create table model_promotions (
    id uuid primary key,
    sequence bigint not null generated always as identity,
    kind text not null check (kind in ('risk', 'yield')),
    source text not null,
    version text not null references models,
    import_id uuid not null references market_imports,
    promoted_at timestamptz not null
  )`,
  `create index model_promotions_live on model_promotions (kind, source, sequence desc)`,
  `create table predictions (
    id uuid primary key,
    kind text not null check (kind in ('risk', 'yield')),
    source text not null,
    protocol text not null references protocols,
    market_id text references markets,
    model_version text not null references models,
    as_of timestamptz not null,
    target_at timestamptz not null check (target_at > as_of),
    stale boolean not null,
    value double precision not null,
    lower double precision not null,
    upper double precision not null,
    interval_level double precision not null check (interval_level > 0 and interval_level < 1),
    confidence double precision not null check (confidence between 0 and 1),
    confidence_tolerance double precision not null,
    current_value double precision not null,
    baseline_value double precision not null,
    served_by text not null check (served_by in ('model', 'baseline')),
    details jsonb not null,
    created_at timestamptz not null,
    actual_value double precision,
    actual_at timestamptz,
    check (lower <= value and value <= upper)
  )`,
  `create unique index predictions_markets on predictions (kind, source, model_version, protocol, market_id, as_of)
    where market_id is not null`,
  `create unique index predictions_protocols on predictions (kind, source, model_version, protocol, as_of)
    where market_id is null`,
  `create index predictions_due on predictions (target_at) where actual_value is null`,
];

// What a user does is ordered by the database's own sequence: the clocks of several servers may differ.
const userFacts = [
  `create table rebalance_suggestions (
    id uuid primary key,
    sequence bigint not null generated always as identity,
    user_id uuid not null references users on delete cascade,
    outcome text not null check (outcome in ('rebalance', 'hold')),
    allocation_bp jsonb not null,
    answer jsonb not null,
    created_at timestamptz not null
  )`,
  `create index rebalance_suggestions_user on rebalance_suggestions (user_id, sequence desc)`,
  `create table transactions (
    id uuid primary key,
    sequence bigint not null generated always as identity,
    user_id uuid not null references users on delete cascade,
    tx_hash text not null check (tx_hash ~ '^0x[0-9a-f]{64}$'),
    tx_type text not null check (tx_type in ('deposit', 'withdraw', 'allocate', 'rebalance')),
    amount numeric not null check (amount >= 0),
    details jsonb not null,
    suggestion_id uuid references rebalance_suggestions,
    created_at timestamptz not null,
    unique (user_id, tx_hash)
  )`,
  `create index transactions_user on transactions (user_id, sequence desc)`,
  `create index transactions_suggestion on transactions (suggestion_id)`,
  `create table transaction_statuses (
    id uuid primary key,
    sequence bigint not null generated always as identity,
    transaction_id uuid not null references transactions on delete cascade,
    status text not null check (status in ('pending', 'confirmed', 'failed')),
    observed_at timestamptz not null
  )`,
  `create index transaction_statuses_newest on transaction_statuses (transaction_id, sequence desc)`,
  `create table allocation_history (
    id uuid primary key,
    sequence bigint not null generated always as identity,
    user_id uuid not null references users on delete cascade,
    allocation_bp jsonb not null,
    reason text not null,
    suggestion_id uuid references rebalance_suggestions,
    transaction_id uuid references transactions,
    created_at timestamptz not null
  )`,
  `create index allocation_history_user on allocation_history (user_id, sequence desc)`,
  `create index allocation_history_suggestion on allocation_history (suggestion_id)`,
  `create index allocation_history_transaction on allocation_history (transaction_id)`,
];

// A row may go only together with the row that owns it: by then the cascade has already removed the owner.
const appendOnly = [
  `create function refuse_change() returns trigger language plpgsql as $$
  begin
    raise exception '% is append-only', tg_table_name using errcode = 'restrict_violation';
  end $$`,
  `create function refuse_change_while_user_exists() returns trigger language plpgsql as $$
  begin
    if tg_op = 'DELETE' and not exists (select 1 from users where id = old.user_id) then return old; end if;
    raise exception '% is append-only', tg_table_name using errcode = 'restrict_violation';
  end $$`,
  `create function refuse_change_while_transaction_exists() returns trigger language plpgsql as $$
  begin
    if tg_op = 'DELETE' and not exists (select 1 from transactions where id = old.transaction_id) then return old; end if;
    raise exception '% is append-only', tg_table_name using errcode = 'restrict_violation';
  end $$`,
  `create trigger transactions_append_only before update or delete on transactions
    for each row execute function refuse_change_while_user_exists()`,
  `create trigger allocation_history_append_only before update or delete on allocation_history
    for each row execute function refuse_change_while_user_exists()`,
  `create trigger transaction_statuses_append_only before update or delete on transaction_statuses
    for each row execute function refuse_change_while_transaction_exists()`,
  `create trigger models_append_only before update or delete on models
    for each row execute function refuse_change()`,
  `create trigger transactions_keep before truncate on transactions execute function refuse_change()`,
  `create trigger allocation_history_keep before truncate on allocation_history execute function refuse_change()`,
  `create trigger transaction_statuses_keep before truncate on transaction_statuses execute function refuse_change()`,
  `create trigger models_keep before truncate on models execute function refuse_change()`,
];
