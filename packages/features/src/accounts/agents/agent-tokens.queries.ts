import type { Database, DatabaseTransaction, NewRow, Row, Tables } from "@obsqra/db";
import { sql } from "kysely";

/** A token by which an agent gets its next key, with that key, which works. */
export interface AgentTokenRow {
  readonly api_key_id: string;
  readonly user_id: string;
  readonly prefix: string;
  readonly scopes: readonly string[];
  readonly client_id: string | null;
  readonly redirect_uri: string | null;
  readonly resource: string | null;
  readonly key_created_at: Date;
  readonly code_challenge: string | null;
  readonly expires_at: Date;
  readonly used_at: Date | null;
}

export async function insertAgentToken(
  trx: DatabaseTransaction,
  row: NewRow<Tables["agent_tokens"]>,
): Promise<void> {
  await trx.insertInto("agent_tokens").values(row).execute();
}

/** A token of a key that is not over, of a user who is not erased; used ones, too. */
export async function findAgentToken(
  db: Database,
  token: { readonly token_hash: Uint8Array; readonly now: Date },
): Promise<AgentTokenRow | undefined> {
  return db
    .selectFrom("agent_tokens as token")
    .innerJoin("api_keys as key", "key.id", "token.api_key_id")
    .innerJoin("users", "users.id", "key.user_id")
    .select([
      "key.id as api_key_id",
      "key.user_id",
      "key.prefix",
      "key.scopes",
      "key.client_id",
      "key.redirect_uri",
      "key.resource",
      "key.created_at as key_created_at",
      "token.code_challenge",
      "token.expires_at",
      "token.used_at",
    ])
    .where("token.token_hash", "=", token.token_hash)
    .where("key.revoked_at", "is", null)
    .where("key.expires_at", ">", token.now)
    .where("users.erased_at", "is", null)
    .executeTakeFirst();
}

/** The key that an agent gives up: by itself, or by the token that would renew it. */
export async function findAgentKey(
  db: Database,
  token_hash: Uint8Array,
): Promise<Pick<Row<Tables["api_keys"]>, "id" | "user_id" | "client_id"> | undefined> {
  return db
    .selectFrom("api_keys as key")
    .select(["key.id", "key.user_id", "key.client_id"])
    .where("key.client_id", "is not", null)
    .where((is) =>
      is.or([
        is("key.key_hash", "=", token_hash),
        is(
          "key.id",
          "in",
          is.selectFrom("agent_tokens").select("api_key_id").where("token_hash", "=", token_hash),
        ),
      ]),
    )
    .executeTakeFirst();
}

/** What takes the place of a token and of the key. */
export interface AgentRenewal {
  readonly spent: Uint8Array;
  readonly key_hash: Uint8Array;
  readonly token_expires_at: Date;
  readonly expires_at: Date;
  readonly next: Uint8Array;
  readonly next_expires_at: Date;
  readonly now: Date;
}

/**
 * Spends a token for the next key and the next token. Lock the account before.
 *
 * @returns whether it could still be spent: of parallel uses only one gets true
 */
export async function renewAgentKey(trx: DatabaseTransaction, renewal: AgentRenewal): Promise<boolean> {
  const { rows } = await sql`
    with spent as (
      update agent_tokens set used_at = ${renewal.now}
      where token_hash = ${renewal.spent} and used_at is null and expires_at > ${renewal.now}
      returning api_key_id
    ), renewed as (
      update api_keys as key set key_hash = ${renewal.key_hash}, token_expires_at = ${renewal.token_expires_at},
        expires_at = ${renewal.expires_at}
      from spent where key.id = spent.api_key_id and key.revoked_at is null and key.expires_at > ${renewal.now}
      returning key.id
    )
    insert into agent_tokens (token_hash, api_key_id, created_at, expires_at)
    select ${renewal.next}, id, cast(${renewal.now} as timestamptz), cast(${renewal.next_expires_at} as timestamptz)
    from renewed
    returning api_key_id`.execute(trx);
  return rows.length > 0;
}
