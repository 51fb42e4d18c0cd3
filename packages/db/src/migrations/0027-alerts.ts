// Compatible: a server of the previous version mails no alerts.

import { type Kysely, sql } from "kysely";

/** Adds what is still to be told by alerts, what each owner was told, and above which thresholds a risk is known to be. */
export async function up(db: Kysely<unknown>): Promise<void> {
  // One statement at a time: PGlite prepares each, and a prepared statement is a single one.
  for (const statement of statements) await sql.raw(statement).execute(db);
}

const statements = [
  // Read from the events, and worked off owner by owner; a row goes when everybody whom it concerns is told.
  `create table alert_tasks (
    -- Of the event.
    id uuid primary key,
    -- Null where it may concern anybody.
    owner_id uuid references users on delete cascade,
    cause jsonb not null,
    -- Up to this owner everybody is told.
    after_owner_id uuid,
    created_at timestamptz not null
  )`,
  `create table alerts (
    id uuid primary key,
    owner_id uuid not null references users on delete cascade,
    -- What is told, so that it is told once.
    fact text not null,
    alert jsonb not null,
    created_at timestamptz not null,
    -- Whether it waits for the mail of the day.
    waits boolean not null,
    -- The mail that tells it; null while it waits, and where alerts were switched off meanwhile.
    mail_id uuid,
    unique (owner_id, fact),
    check (not waits or mail_id is null)
  )`,
  `create index alerts_waiting on alerts (owner_id) where waits`,
  `create index alerts_created_at on alerts (created_at)`,
  // The last day, in UTC, of which an owner got the mail of the day.
  `create table alert_digests (
    owner_id uuid primary key references users on delete cascade,
    day date not null
  )`,
  `create table risk_alerts (
    owner_id uuid not null references users on delete cascade,
    source text not null,
    protocol text not null references protocols,
    basis text not null check (basis in ('observed', 'forecast')),
    -- The owner was told that the risk is above this one, and it was not well below since.
    threshold integer not null,
    told_at timestamptz not null,
    primary key (owner_id, source, protocol, basis)
  )`,
  // What has happened before there were alerts is news to nobody.
  `insert into event_readers (name, transaction_id, sequence, updated_at)
    select 'alerts', transaction_id, sequence, now() from events
    order by transaction_id desc, sequence desc limit 1`,
];
