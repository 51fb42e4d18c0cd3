// Compatible: adds tables, and a column with a default. A server of the previous version that goes on serving meanwhile lets those
// in by their password alone who turn a second factor on: stop it soon.

import { type Kysely, sql } from "kysely";

/** Secrets of apps that show codes, recovery codes, and which passwords do not let in by themselves. */
export async function up(db: Kysely<unknown>): Promise<void> {
  // One statement at a time: PGlite prepares each, and a prepared statement is a single one.
  for (const statement of statements) await sql.raw(statement).execute(db);
}

const statements = [
  `create table totp_factors (
    user_id uuid primary key references users on delete cascade,
    secret_sealed bytea not null,
    created_at timestamptz not null,
    -- When a code showed that the user's app has the secret. Before, it counts for nothing.
    confirmed_at timestamptz,
    -- The period of the last code that was accepted, counted in 30 seconds since 1970. No code of it or before is accepted again.
    last_period integer check (last_period >= 0)
  )`,
  `create table recovery_codes (
    code_hash bytea primary key check (octet_length(code_hash) = 32),
    user_id uuid not null references users on delete cascade,
    created_at timestamptz not null
  )`,
  `create index recovery_codes_user_id on recovery_codes (user_id)`,
  // Beside the hash, so that a login that has checked the password locks both in one row.
  `alter table user_passwords add column needs_second_factor boolean not null default false`,
  `alter table auth_one_time_tokens drop constraint auth_one_time_tokens_purpose_check`,
  `alter table auth_one_time_tokens add constraint auth_one_time_tokens_purpose_check check (purpose in
    ('wallet_challenge', 'email_verification', 'password_reset', 'email_change_old', 'email_change_new', 'pending_login'))`,
];
