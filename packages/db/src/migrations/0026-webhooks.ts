// Compatible: a server of the previous version knows no webhooks, and sends none.

import { type Kysely, sql } from "kysely";

/** Webhooks, what is sent to them, and what came of it. */
export async function up(db: Kysely<unknown>): Promise<void> {
  // One statement at a time: PGlite prepares each, and a prepared statement is a single one.
  for (const statement of statements) await sql.raw(statement).execute(db);
}

const statements = [
  `create table webhooks (
    id uuid primary key,
    owner_id uuid not null references users on delete cascade,
    url text not null,
    topics text[] not null check (cardinality(topics) > 0),
    status text not null check (status in ('active', 'paused', 'disabled')),
    disabled_reason text check (disabled_reason in ('failing', 'gone')),
    secret_sealed bytea not null,
    previous_secret_sealed bytea,
    previous_secret_expires_at timestamptz,
    last_success_at timestamptz,
    failing_since timestamptz,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    made_by_transaction bigint not null default event_transaction_id(),
    check ((disabled_reason is null) = (status <> 'disabled')),
    check ((previous_secret_sealed is null) = (previous_secret_expires_at is null))
  )`,
  `create index webhooks_owner on webhooks (owner_id, id)`,
  `create table webhook_deliveries (
    id uuid primary key,
    webhook_id uuid not null references webhooks on delete cascade,
    owner_id uuid not null,
    -- No reference: the events of a dump may be restored before or after it.
    event_id uuid,
    transaction_id bigint not null,
    sequence bigint not null,
    event_type text not null,
    subject text not null,
    body text not null,
    status text not null check (status in ('pending', 'delivered', 'dead')),
    attempts integer not null default 0,
    first_attempt_at timestamptz,
    next_attempt_at timestamptz,
    created_at timestamptz not null,
    ended_at timestamptz,
    lease uuid,
    leased_until timestamptz,
    unique (webhook_id, event_id),
    check ((status = 'pending') = (next_attempt_at is not null)),
    check ((status = 'pending') = (ended_at is null)),
    check ((lease is null) = (leased_until is null))
  )`,
  `create index webhook_deliveries_owner on webhook_deliveries (owner_id, id)`,
  `create index webhook_deliveries_webhook on webhook_deliveries (webhook_id, id)`,
  `create index webhook_deliveries_due on webhook_deliveries (webhook_id, next_attempt_at, id) where status = 'pending'`,
  `create index webhook_deliveries_subject on webhook_deliveries (webhook_id, subject, transaction_id, sequence, id)
    where status = 'pending'`,
  `create index webhook_deliveries_leased on webhook_deliveries (webhook_id) where lease is not null`,
  `create index webhook_deliveries_ended on webhook_deliveries (coalesce(ended_at, created_at))`,
  `create table webhook_attempts (
    id uuid primary key,
    delivery_id uuid not null references webhook_deliveries on delete cascade,
    webhook_id uuid not null,
    owner_id uuid not null,
    event_type text not null,
    started_at timestamptz not null,
    duration_ms integer not null,
    response_status integer,
    failure text,
    response_excerpt text,
    check ((response_status is null) <> (failure is null))
  )`,
  `create index webhook_attempts_owner on webhook_attempts (owner_id, id)`,
  `create index webhook_attempts_delivery on webhook_attempts (delivery_id, id)`,
];
