import type { DatabaseTransaction } from "@obsqra/db";
import { sql } from "kysely";

/** Whether anything signs a user in: a password, a passkey, or an identity of an issuer that is still offered. Lock the account before. */
export async function hasWayIn(
  trx: DatabaseTransaction,
  { user_id, issuers }: { readonly user_id: string; readonly issuers: readonly string[] },
): Promise<boolean> {
  const { rows } = await sql<{ has_one: boolean }>`
    select exists (select from user_passwords where user_id = ${user_id})
        or exists (select from passkeys where user_id = ${user_id})
        or exists (select from identities where user_id = ${user_id} and issuer = any (${issuers}::text[]))
        as has_one`.execute(trx);
  return rows[0]?.has_one === true;
}
