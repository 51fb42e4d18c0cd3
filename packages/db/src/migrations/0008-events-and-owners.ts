// Breaking: an older server beside this one can neither log transactions nor read a user's data, because columns get new
// names. Stop the servers of the older version before this one starts; docs/operations.md, "Upgrading".

import { type Kysely, sql } from "kysely";

/** The append-only table of events and its readers; data belong to an owner instead of a user. */
export async function up(db: Kysely<unknown>): Promise<void> {
  // One statement at a time: PGlite prepares each, and a prepared statement is a single one.
  for (const statement of [...events, ...owners, ...entryChain]) await sql.raw(statement).execute(db);
}

const events = [
  // A transaction's id is counted by the cluster that runs it, and another cluster, into which a dump was restored, may be
  // far behind. What is added here to its ids makes them go on after those of the restored events.
  `create table event_clock (
    id boolean primary key default true check (id),
    transaction_offset bigint not null check (transaction_offset >= 0)
  )`,
  `insert into event_clock (transaction_offset) values (0)`,
  `create function event_transaction_id() returns bigint language sql volatile as $$
    select pg_current_xact_id()::text::bigint + transaction_offset from event_clock
  $$`,
  // Every transaction with a lower id has ended, and no new one gets an id below.
  `create function event_transactions_end() returns bigint language sql stable as $$
    select pg_snapshot_xmin(pg_current_snapshot())::text::bigint + transaction_offset from event_clock
  $$`,
  // Transaction ids, because ids and sequence numbers are given before the commit: a reader that went by them alone
  // would skip what commits late. A transaction's events are in the order in which they were emitted.
  `create table events (
    id uuid primary key,
    transaction_id bigint not null default event_transaction_id(),
    sequence bigint generated always as identity,
    type text not null check (type <> ''),
    subject text not null check (subject <> ''),
    owner_id uuid,
    payload jsonb not null,
    occurred_at timestamptz not null
  )`,
  `create unique index events_position on events (transaction_id, sequence)`,
  `create trigger events_append_only before update or delete on events for each row execute function refuse_change()`,
  `create trigger events_keep before truncate on events execute function refuse_change()`,
  `create table event_readers (
    name text primary key,
    transaction_id bigint not null,
    sequence bigint not null,
    updated_at timestamptz not null
  )`,
];

/** Tables whose rows are somebody's data, as opposed to rows about a person's account. */
const ownedTables = ["transactions", "transaction_statuses", "allocation_history", "rebalance_suggestions"];

const owners = [
  ...ownedTables.map((table) => `alter table ${table} rename column user_id to owner_id`),
  ...["transactions", "allocation_history", "rebalance_suggestions"].map(
    (table) => `alter table ${table} rename constraint ${table}_user_id_fkey to ${table}_owner_id_fkey`,
  ),
  `alter table transactions rename constraint transactions_user_id_tx_hash_key to transactions_owner_id_tx_hash_key`,
  `alter table transaction_statuses
    rename constraint transaction_statuses_user_id_position_key to transaction_statuses_owner_id_position_key`,
  `alter index allocation_history_user rename to allocation_history_owner`,
  `alter index rebalance_suggestions_user rename to rebalance_suggestions_owner`,
  `create function refuse_change_while_owner_exists() returns trigger language plpgsql as $$
  begin
    if tg_op = 'DELETE' and not exists (select 1 from users where id = old.owner_id) then return old; end if;
    raise exception '% is append-only', tg_table_name using errcode = 'restrict_violation';
  end $$`,
  ...["transactions", "allocation_history"].flatMap((table) => [
    `drop trigger ${table}_append_only on ${table}`,
    `create trigger ${table}_append_only before update or delete on ${table}
      for each row execute function refuse_change_while_owner_exists()`,
  ]),
  `alter table idempotency_keys rename column owner to owner_id`,
];

// As in 0005, by owner.
const entryChain = [
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
    new.owner_id := logged.owner_id;
    new.position := coalesce(latest.position, 0) + 1;
    new.content_hash := hash_transaction_entry(logged, new.status, new.observed_at);
    new.previous_hash := coalesce(latest.hash, decode(repeat('00', 32), 'hex'));
    new.hash := sha256(new.previous_hash || new.content_hash);
    return new;
  end $$`,
];
