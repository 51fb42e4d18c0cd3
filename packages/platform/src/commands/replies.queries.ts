import type { Database, DatabaseTransaction } from "@obsqra/db";
import { sql } from "kysely";
import { insertingEvents, type NewEventRow } from "../events/events.queries.ts";

/** Whose key it is, and the key. */
export interface ReplyKey {
  readonly owner_id: string;
  /** SHA-256 of the key. */
  readonly key_hash: Uint8Array;
}

/** A reply that was stored for a key, and when. */
export interface StoredReplyRow {
  readonly sealed: Uint8Array;
  readonly created_at: Date;
}

/** The reply of a key that is still taken. */
export async function findReply(
  db: Database,
  { owner_id, key_hash, now }: ReplyKey & { readonly now: Date },
): Promise<StoredReplyRow | undefined> {
  const row = await db
    .selectFrom("idempotency_keys")
    .select(["sealed", "created_at"])
    .where("owner_id", "=", owner_id)
    .where("key_hash", "=", key_hash)
    .where("expires_at", ">", now)
    .executeTakeFirst();
  return row?.sealed == null ? undefined : { sealed: row.sealed, created_at: row.created_at };
}

/**
 * Takes a key for what the transaction does. When another transaction is just taking it, this waits for its end.
 *
 * @returns whether it was free
 */
export async function takeKey(
  trx: DatabaseTransaction,
  row: ReplyKey & {
    readonly created_at: Date;
    readonly expires_at: Date;
  },
): Promise<boolean> {
  const taken = await trx
    .insertInto("idempotency_keys")
    .values({ ...row, sealed: null })
    .onConflict((conflict) =>
      conflict
        .columns(["owner_id", "key_hash"])
        .doUpdateSet({ sealed: null, created_at: row.created_at, expires_at: row.expires_at })
        .where("idempotency_keys.expires_at", "<=", row.created_at),
    )
    .returning("owner_id")
    .executeTakeFirst();
  return taken !== undefined;
}

/** Stores the reply of a key that this transaction has taken, and the transaction's events, in one statement. */
export async function updateReply(
  trx: DatabaseTransaction,
  reply: ReplyKey & { readonly sealed: Uint8Array; readonly events: readonly NewEventRow[] },
): Promise<void> {
  const { owner_id, key_hash, sealed, events } = reply;
  const withEvents = events.length === 0 ? sql`` : sql`with emitted as (${insertingEvents(events)})`;
  await sql`${withEvents} update idempotency_keys set sealed = ${sealed}
    where owner_id = ${owner_id} and key_hash = ${key_hash}`.execute(trx);
}
