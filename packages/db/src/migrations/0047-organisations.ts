// Compatible: adds tables, a column with a default and a nullable one. A server of the previous version that goes on serving meanwhile
// takes an organisation's API key for that of a user: what is about an account fails there, and nothing else changes.

import { type Kysely, sql } from "kysely";

/** Organisations, which own data as users do, their members, and who is invited. */
export async function up(db: Kysely<unknown>): Promise<void> {
  // One statement at a time: PGlite prepares each, and a prepared statement is a single one.
  for (const statement of statements) await sql.raw(statement).execute(db);
}

const statements = [
  // An organisation is a row among the users, without a password or a session: whatever belongs to an owner refers to it as to a user, and
  // it is erased in the same way.
  `alter table users add column is_organisation boolean not null default false`,
  // Not an address, so that no link and no login ever finds one.
  `alter table users add constraint users_organisation check (not is_organisation or position('@' in email) = 0) not valid`,
  `create table organisation_members (
    id uuid not null unique,
    organisation_id uuid not null references users on delete cascade,
    user_id uuid not null references users on delete cascade,
    role text not null check (role in ('owner', 'admin', 'analyst', 'viewer')),
    joined_at timestamptz not null,
    -- By user first: with each call that is for an organisation, one row is looked up.
    primary key (user_id, organisation_id)
  )`,
  `create index organisation_members_list on organisation_members (organisation_id, id desc)`,
  `create index organisation_members_of_user on organisation_members (user_id, id desc)`,
  `create index organisation_members_owners on organisation_members (organisation_id, user_id) where role = 'owner'`,
  `create table organisation_invitations (
    id uuid primary key,
    organisation_id uuid not null references users on delete cascade,
    -- Sealed, so that only users has addresses that can be read.
    email_sealed bytea not null,
    -- SHA-256 of the address, hexadecimal.
    address_hash text not null,
    role text not null check (role in ('owner', 'admin', 'analyst', 'viewer')),
    token_hash bytea not null unique check (octet_length(token_hash) = 32),
    invited_by uuid references users on delete set null,
    created_at timestamptz not null,
    expires_at timestamptz not null,
    unique (organisation_id, address_hash)
  )`,
  `create index organisation_invitations_list on organisation_invitations (organisation_id, id desc)`,
  `create index organisation_invitations_address on organisation_invitations (address_hash)`,
  `create index organisation_invitations_expires_at on organisation_invitations (expires_at)`,
  `create index organisation_invitations_invited_by on organisation_invitations (invited_by)`,
  // Who has made an organisation's key.
  `alter table api_keys add column made_by uuid references users on delete set null`,
];
