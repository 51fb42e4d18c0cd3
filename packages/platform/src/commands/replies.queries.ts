import {
  type Database,
  type DatabaseTransaction,
  defineStatement,
  defineStatements,
  type Placeholders,
} from "@obsqra/db";
import { sql } from "kysely";
import { eventsParameter, insertingEvents, type NewEventRow } from "../events/events.queries.ts";

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

/** Which reply, and when it is asked for. */
interface ReplyChoice extends ReplyKey {
  readonly now: Date;
}

/** The reply of a key that is still taken. */
export async function findReply(db: Database, choice: ReplyChoice): Promise<StoredReplyRow | undefined> {
  const row = await storedReply.first(db, choice);
  return row?.sealed == null ? undefined : { sealed: row.sealed, created_at: row.created_at };
}

const storedReply = defineStatement((db, { owner_id, key_hash, now }: Placeholders<ReplyChoice>) =>
  db
    .selectFrom("idempotency_keys")
    .select(["sealed", "created_at"])
    .where("owner_id", "=", owner_id)
    .where("key_hash", "=", key_hash)
    .where("expires_at", ">", now),
);

/** A key that is to be taken. */
interface NewKeyRow extends ReplyKey {
  readonly created_at: Date;
  readonly expires_at: Date;
}

/**
 * Takes a key for what the transaction does. When another transaction is just taking it, this waits for its end.
 *
 * @returns whether it was free
 */
export async function takeKey(trx: DatabaseTransaction, row: NewKeyRow): Promise<boolean> {
  return (await takenKey.first(trx, row)) !== undefined;
}

const takenKey = defineStatement(
  (db, { owner_id, key_hash, created_at, expires_at }: Placeholders<NewKeyRow>) =>
    db
      .insertInto("idempotency_keys")
      .values({ owner_id, key_hash, sealed: null, created_at, expires_at })
      .onConflict((conflict) =>
        conflict
          .columns(["owner_id", "key_hash"])
          .doUpdateSet({ sealed: null, created_at, expires_at })
          .where("idempotency_keys.expires_at", "<=", created_at),
      )
      .returning("owner_id"),
);

/**
 * Stores the reply of a key that this transaction has taken, and the transaction's events, in one statement: the last one of the
 * transaction.
 */
export async function updateReply(
  trx: DatabaseTransaction,
  reply: ReplyKey & { readonly sealed: Uint8Array; readonly events: readonly NewEventRow[] },
): Promise<void> {
  const hasEvents = reply.events.length > 0;
  await sealedReply({ hasEvents }).last(trx, { ...reply, events: eventsParameter(reply.events) });
}

const sealedReply = defineStatements(
  ({ hasEvents }: { readonly hasEvents: boolean }) =>
    (_db, reply: Placeholders<ReplyKey & { readonly sealed: Uint8Array; readonly events: string }>) =>
      sql`${hasEvents ? sql`with emitted as (${insertingEvents(reply.events)})` : sql``}
        update idempotency_keys set sealed = ${reply.sealed}
        where owner_id = ${reply.owner_id} and key_hash = ${reply.key_hash}`,
);
