// Compatible: adds tables. A server of the previous version neither reads nor writes them; an account without a password cannot sign in there.

import { type Kysely, sql } from "kysely";

/** Identities of users at providers, the attempts that wait for an answer of one, and which sessions an identity has begun. */
export async function up(db: Kysely<unknown>): Promise<void> {
  // One statement at a time: PGlite prepares each, and a prepared statement is a single one.
  for (const statement of statements) await sql.raw(statement).execute(db);
}

const statements = [
  `create table identities (
    id uuid primary key,
    user_id uuid not null references users on delete cascade,
    -- Who vouches for it, and what it is called there, which never changes; the address may.
    issuer text not null,
    subject text not null,
    email text not null,
    created_at timestamptz not null,
    last_used_at timestamptz,
    unique (issuer, subject)
  )`,
  `create index identities_user_id on identities (user_id, id desc)`,
  `create table identity_attempts (
    attempt_hash bytea primary key check (octet_length(attempt_hash) = 32),
    -- Whose identity is to be linked; null where somebody signs in, whoever that is.
    user_id uuid references users on delete cascade,
    provider text not null,
    bound_to text not null,
    created_at timestamptz not null,
    expires_at timestamptz not null
  )`,
  `create index identity_attempts_user_id on identity_attempts (user_id)`,
  `create index identity_attempts_expires_at on identity_attempts (expires_at)`,
  `create table session_identities (
    session_id uuid primary key references auth_sessions on delete cascade,
    identity_id uuid not null references identities on delete cascade,
    -- The provider's own session, where it names one: by it, the provider ends ours.
    provider_session text
  )`,
  `create index session_identities_identity_id on session_identities (identity_id)`,
  `create index session_identities_provider_session on session_identities (provider_session) where provider_session is not null`,
];
