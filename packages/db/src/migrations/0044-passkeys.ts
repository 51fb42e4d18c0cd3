// Compatible: adds tables. A server of the previous version neither reads nor writes them.

import { type Kysely, sql } from "kysely";

/** Passkeys, and the challenges that they answer. */
export async function up(db: Kysely<unknown>): Promise<void> {
  // One statement at a time: PGlite prepares each, and a prepared statement is a single one.
  for (const statement of statements) await sql.raw(statement).execute(db);
}

const statements = [
  `create table passkeys (
    id uuid primary key,
    user_id uuid not null references users on delete cascade,
    credential_id bytea not null unique,
    -- As COSE has it.
    public_key bytea not null,
    -- How often it has signed, as it says itself. Up to 2^32, which a double holds exactly.
    counter double precision not null check (counter >= 0),
    transports text[] not null,
    name text not null,
    -- Whether it may be on several devices, whose counters know nothing of each other.
    is_synced boolean not null,
    created_at timestamptz not null,
    last_used_at timestamptz
  )`,
  `create index passkeys_user_id on passkeys (user_id, id desc)`,
  `create table passkey_challenges (
    challenge_hash bytea primary key check (octet_length(challenge_hash) = 32),
    -- Whose passkey is to be added; null where somebody signs in, whoever that is.
    user_id uuid references users on delete cascade,
    bound_to text not null,
    created_at timestamptz not null,
    expires_at timestamptz not null
  )`,
  `create index passkey_challenges_user_id on passkey_challenges (user_id)`,
  `create index passkey_challenges_expires_at on passkey_challenges (expires_at)`,
];
