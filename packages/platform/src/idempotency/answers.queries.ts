import type { Database, DatabaseTransaction } from "@obsqra/db";

/** Whose key it is, and the key. */
export interface AnswerKey {
  readonly owner: string;
  /** SHA-256 of the key. */
  readonly key_hash: Uint8Array;
}

/** The answer of a key that is still given again, sealed. */
export async function findAnswer(
  db: Database,
  { owner, key_hash, now }: AnswerKey & { readonly now: Date },
): Promise<Uint8Array | undefined> {
  const row = await db
    .selectFrom("idempotency_keys")
    .select("sealed")
    .where("owner", "=", owner)
    .where("key_hash", "=", key_hash)
    .where("expires_at", ">", now)
    .executeTakeFirst();
  return row?.sealed ?? undefined;
}

/**
 * Takes a key for what the transaction does. When another transaction is just taking it, this waits for its end.
 *
 * @returns whether it was free
 */
export async function takeKey(
  trx: DatabaseTransaction,
  row: AnswerKey & {
    readonly created_at: Date;
    readonly expires_at: Date;
  },
): Promise<boolean> {
  const taken = await trx
    .insertInto("idempotency_keys")
    .values({ ...row, sealed: null })
    .onConflict((conflict) =>
      conflict
        .columns(["owner", "key_hash"])
        .doUpdateSet({ sealed: null, created_at: row.created_at, expires_at: row.expires_at })
        .where("idempotency_keys.expires_at", "<=", row.created_at),
    )
    .returning("owner")
    .executeTakeFirst();
  return taken !== undefined;
}

/** Keeps the answer of a key that this transaction has taken. */
export async function updateAnswer(
  db: Database,
  { owner, key_hash, sealed }: AnswerKey & { readonly sealed: Uint8Array },
): Promise<void> {
  await db
    .updateTable("idempotency_keys")
    .set({ sealed })
    .where("owner", "=", owner)
    .where("key_hash", "=", key_hash)
    .execute();
}

/** Gives a key back that this transaction has taken. */
export async function deleteKey(db: Database, { owner, key_hash }: AnswerKey): Promise<void> {
  await db
    .deleteFrom("idempotency_keys")
    .where("owner", "=", owner)
    .where("key_hash", "=", key_hash)
    .execute();
}
