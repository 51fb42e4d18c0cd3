// Compatible: adds nullable columns and a table. A server of the previous version that goes on serving meanwhile takes an agent's token
// for an API key, wherever it is sent and until the whole grant ends: stop it soon.

import { type Kysely, sql } from "kysely";

/** What users let agents do who sign in by OAuth: API keys that the agents renew, each for one URL. */
export async function up(db: Kysely<unknown>): Promise<void> {
  // One statement at a time: PGlite prepares each, and a prepared statement is a single one.
  for (const statement of statements) await sql.raw(statement).execute(db);
}

const statements = [
  // Null for keys that users made themselves.
  `alter table api_keys add column client_id text`,
  `alter table api_keys add column redirect_uri text`,
  // The only URL at which the key is taken.
  `alter table api_keys add column resource text`,
  // When the present key ends, unless it is renewed; expires_at is when all of it ends.
  `alter table api_keys add column token_expires_at timestamptz`,
  `alter table api_keys add constraint api_keys_agent check (num_nulls(client_id, redirect_uri, resource, token_expires_at) in (0, 4))`,
  // By what an agent gets its next key: a code, then one refresh token after the other. Each works once.
  `create table agent_tokens (
    token_hash bytea primary key check (octet_length(token_hash) = 32),
    api_key_id uuid not null references api_keys on delete cascade,
    -- Of a code: what its verifier hashes to (RFC 7636). Null for a refresh token.
    code_challenge text,
    created_at timestamptz not null,
    expires_at timestamptz not null,
    used_at timestamptz
  )`,
  `create index agent_tokens_api_key_id on agent_tokens (api_key_id)`,
  `create index agent_tokens_expires_at on agent_tokens (expires_at)`,
];
