// Compatible: adds a table, and a column with a default. A server of the previous version neither reads nor writes either.

import { type Kysely, sql } from "kysely";

/** Adds devices at which a second factor was shown, and which sessions such a device has begun in its place. */
export async function up(db: Kysely<unknown>): Promise<void> {
  // One statement at a time: PGlite prepares each, and a prepared statement is a single one.
  for (const statement of statements) await sql.raw(statement).execute(db);
}

const statements = [
  `create table remembered_devices (
    id uuid primary key,
    user_id uuid not null references users on delete cascade,
    token_hash bytea not null unique check (octet_length(token_hash) = 32),
    ip text,
    user_agent text,
    created_at timestamptz not null,
    last_used_at timestamptz not null,
    expires_at timestamptz not null
  )`,
  `create index remembered_devices_user_id on remembered_devices (user_id, id desc)`,
  `create index remembered_devices_expires_at on remembered_devices (expires_at)`,
  `alter table auth_sessions add column is_by_remembered_device boolean not null default false`,
];
