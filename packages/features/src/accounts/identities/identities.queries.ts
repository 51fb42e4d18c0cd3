import type { Database, DatabaseTransaction, NewRow, Row, Tables } from "@obsqra/db";
import { type TimePage, timeOrders } from "@obsqra/platform";
import { sql } from "kysely";

export type NewIdentityRow = NewRow<Tables["identities"]>;
const shown = ["id", "issuer", "email", "created_at", "last_used_at"] as const;
export type IdentityRow = Pick<Row<Tables["identities"]>, (typeof shown)[number]>;

/** What an identity is known by, whatever its address is now. */
export interface IdentityName {
  readonly issuer: string;
  readonly subject: string;
}

/** A user's identities, by time. */
export async function listIdentities(
  db: Database,
  page: TimePage & { readonly user_id: string },
): Promise<IdentityRow[]> {
  const { direction, beyond } = timeOrders[page.sort];
  let query = db.selectFrom("identities").select(shown).where("user_id", "=", page.user_id);
  if (page.after !== undefined) query = query.where("id", beyond, page.after);
  return query.orderBy("id", direction).limit(page.limit).execute();
}

/** Whose identity it is, and what their account asks for besides. */
export async function findIdentity(
  db: Database,
  { issuer, subject }: IdentityName,
): Promise<
  | {
      readonly id: string;
      readonly user_id: string;
      readonly needs_second_factor: boolean;
      readonly has_passkey: boolean;
    }
  | undefined
> {
  return db
    .selectFrom("identities")
    .select([
      "id",
      "user_id",
      sql<boolean>`exists (
        select from totp_factors where totp_factors.user_id = identities.user_id and confirmed_at is not null
      )`.as("needs_second_factor"),
      sql<boolean>`exists (select from passkeys where passkeys.user_id = identities.user_id)`.as(
        "has_passkey",
      ),
    ])
    .where("issuer", "=", issuer)
    .where("subject", "=", subject)
    .executeTakeFirst();
}

/** Stores an identity unless its owner has as many as there may be. Lock the account before. */
export async function insertIdentity(
  trx: DatabaseTransaction,
  { row, countMax }: { readonly row: NewIdentityRow; readonly countMax: number },
): Promise<IdentityRow | undefined> {
  const { count } = await trx
    .selectFrom("identities")
    .select(sql<number>`count(*)::int`.as("count"))
    .where("user_id", "=", row.user_id)
    .executeTakeFirstOrThrow();
  if (count >= countMax) return undefined;
  return trx.insertInto("identities").values(row).returning(shown).executeTakeFirstOrThrow();
}

/** Says that an identity signs in. @returns whether it is still linked to the user */
export async function useIdentity(
  trx: DatabaseTransaction,
  identity: { readonly id: string; readonly user_id: string; readonly now: Date },
): Promise<boolean> {
  const used = await trx
    .updateTable("identities")
    .set({ last_used_at: identity.now })
    .where("id", "=", identity.id)
    .where("user_id", "=", identity.user_id)
    .returning("id")
    .executeTakeFirst();
  return used !== undefined;
}

/** @returns what it was; undefined where there was none */
export async function deleteIdentity(
  trx: DatabaseTransaction,
  identity: { readonly id: string; readonly user_id: string },
): Promise<IdentityRow | undefined> {
  return trx
    .deleteFrom("identities")
    .where("id", "=", identity.id)
    .where("user_id", "=", identity.user_id)
    .returning(shown)
    .executeTakeFirst();
}

/** @returns those that there were */
export async function deleteIdentities(trx: DatabaseTransaction, userId: string): Promise<IdentityRow[]> {
  return trx.deleteFrom("identities").where("user_id", "=", userId).returning(shown).execute();
}
