import type { DatabaseTransaction } from "@obsqra/db";
import { sql } from "kysely";

/** Whether anything signs a user in: a password, or a passkey. Lock the account before. */
export async function hasWayIn(trx: DatabaseTransaction, userId: string): Promise<boolean> {
  const { rows } = await sql<{ has_one: boolean }>`
    select exists (select from user_passwords where user_id = ${userId})
        or exists (select from passkeys where user_id = ${userId}) as has_one`.execute(trx);
  return rows[0]?.has_one === true;
}
