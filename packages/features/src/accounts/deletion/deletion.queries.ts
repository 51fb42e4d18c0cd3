import type { DatabaseTransaction } from "@obsqra/db";

/** @returns the moment that counts, which is an earlier one when it was set before */
export async function scheduleErasure(
  trx: DatabaseTransaction,
  deletion: { readonly user_id: string; readonly erase_after: Date; readonly now: Date },
): Promise<{ email: string; erase_after: Date } | undefined> {
  return trx
    .updateTable("users")
    .set(({ fn, val }) => ({
      erase_after: fn.coalesce("erase_after", val(deletion.erase_after)),
      updated_at: deletion.now,
    }))
    .where("id", "=", deletion.user_id)
    .where("erased_at", "is", null)
    .returning(["email", "erase_after"])
    .$narrowType<{ erase_after: Date }>()
    .executeTakeFirst();
}

/** @returns whether one was scheduled */
export async function cancelErasure(
  trx: DatabaseTransaction,
  account: { readonly user_id: string; readonly now: Date },
): Promise<boolean> {
  const cancelled = await trx
    .updateTable("users")
    .set({ erase_after: null, updated_at: account.now })
    .where("id", "=", account.user_id)
    .where("erase_after", "is not", null)
    .returning("id")
    .executeTakeFirst();
  return cancelled !== undefined;
}
