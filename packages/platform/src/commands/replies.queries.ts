import {
  type Database,
  type DatabaseTransaction,
  defineStatement,
  defineStatements,
  isValueMissing,
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

/** A key with the reply that it keeps, and the events of the same transaction. */
interface NewReply extends ReplyKey {
  readonly sealed: Uint8Array;
  readonly created_at: Date;
  readonly expires_at: Date;
  readonly events: readonly NewEventRow[];
}

/**
 * Takes a key for what the transaction has done, and stores its reply and the transaction's events, in one statement: the last one
 * of the transaction. When another transaction is just taking the key, this waits for its end. A key that is taken makes the
 * statement fail, so that nothing is committed; `isKeyTaken` tells that from other errors.
 */
export async function insertReply(trx: DatabaseTransaction, reply: NewReply): Promise<void> {
  const hasEvents = reply.events.length > 0;
  await sealedReply({ hasEvents }).last(trx, { ...reply, events: eventsParameter(reply.events) });
}

/** Whether `insertReply` failed because another transaction has taken the key. */
export function isKeyTaken(error: unknown): boolean {
  return isValueMissing(error, { table: "idempotency_keys", column: "expires_at" });
}

// One that is taken is not left alone, as `where` would leave it: then the commit in the same message would keep what was done a
// second time. It gets no moment of its end, which the table refuses.
const sealedReply = defineStatements(
  ({ hasEvents }: { readonly hasEvents: boolean }) =>
    (_db, reply: Placeholders<Omit<NewReply, "events"> & { readonly events: string }>) =>
      sql`${hasEvents ? sql`with emitted as (${insertingEvents(reply.events)})` : sql``}
        insert into idempotency_keys as taken (owner_id, key_hash, sealed, created_at, expires_at)
        values (${reply.owner_id}, ${reply.key_hash}, ${reply.sealed}, ${reply.created_at}, ${reply.expires_at})
        on conflict (owner_id, key_hash) do update set
          sealed = excluded.sealed,
          created_at = excluded.created_at,
          expires_at = case when taken.expires_at <= excluded.created_at then excluded.expires_at end`,
);
