import type { Database, DatabaseTransaction, Row, Tables } from "@obsqra/db";
import { type RawBuilder, sql } from "kysely";

export type AccountRow = Pick<Row<Tables["users"]>, "id" | "email" | "email_verified_at" | "full_name">;

const accountColumns = ["id", "email", "email_verified_at", "full_name"] as const;

export async function findAccount(db: Database, userId: string): Promise<AccountRow | undefined> {
  return selectAccount(db).where("id", "=", userId).executeTakeFirst();
}

export async function findAccountByEmail(db: Database, email: string): Promise<AccountRow | undefined> {
  return selectAccount(db).where("email", "=", email).executeTakeFirst();
}

/**
 * Holds the account until the transaction ends, so that changes of its passwords, addresses, sessions and API keys
 * happen one after the other and each sees what the previous one has done. Take it before any other row: an erasure takes it
 * first, too, and with another order both could wait for ever.
 */
export async function lockAccount(trx: DatabaseTransaction, userId: string): Promise<AccountRow | undefined> {
  // Not `for update`: that would also hold up rows that only refer to the user, such as a new session's.
  return selectAccount(trx).where("id", "=", userId).forNoKeyUpdate().executeTakeFirst();
}

/** Adds the time of the first confirmation of an address; a later one changes nothing. */
export async function confirmAddress(
  trx: DatabaseTransaction,
  account: { readonly id: string; readonly now: Date },
): Promise<void> {
  await trx
    .updateTable("users")
    .set({ email_verified_at: account.now, updated_at: account.now })
    .where("id", "=", account.id)
    .where("email_verified_at", "is", null)
    .execute();
}

/** Sets a confirmed address. Violates a unique constraint when another account has it. */
export async function updateAddress(
  trx: DatabaseTransaction,
  account: { readonly id: string; readonly email: string; readonly now: Date },
): Promise<void> {
  await trx
    .updateTable("users")
    .set({ email: account.email, email_verified_at: account.now, updated_at: account.now })
    .where("id", "=", account.id)
    .execute();
}

/**
 * An insert for a statement that has found a user as `owner (id)`: the row belongs to that user, whatever it says itself, and is
 * left out where there is none.
 */
export function insertForOwner(table: keyof Tables, row: object): RawBuilder<Record<string, unknown>> {
  const entries = Object.entries(row).filter(([column]) => column !== "user_id");
  const columns = entries.map(([column]) => sql.ref(column));
  const values = entries.map(([, value]) => sql`${value}`);
  return sql`insert into ${sql.table(table)} (user_id, ${sql.join(columns)})
    select owner.id, ${sql.join(values)} from owner`;
}

/**
 * Writes for whoever has an address, in one statement that finds the account as `owner (id)`. Where nobody has the address, the
 * same is written for the account whose address comes next, and taken back before anybody sees it: how long it takes does not
 * tell which addresses have accounts. Nothing is written only where there is no account at all.
 *
 * @param writes by name: what is to be written, such as `insertForOwner` of a row
 */
export async function writeForAddress(
  trx: DatabaseTransaction,
  email: string,
  writes: Readonly<Record<string, RawBuilder<unknown>>>,
): Promise<void> {
  const parts = Object.entries(writes).map(([name, write]) => sql`${sql.ref(name)} as (${write})`);
  await sql`savepoint of_address`.execute(trx);
  // The account is held before anything else is, as everywhere: an erasure holds it, too, and then deletes what is its.
  const { rows } = await sql<{ has_address: boolean }>`
    with owner as (
      select id, email = ${email} as has_address from users where id = (
        (select id from users where email >= ${email} and erased_at is null order by email limit 1)
        union all
        (select id from users where email < ${email} and erased_at is null order by email desc limit 1)
        limit 1
      ) for key share
    ), ${sql.join(parts)}
    select has_address from owner`.execute(trx);
  const isOfNobody = rows.some(({ has_address }) => !has_address);
  await (isOfNobody ? sql`rollback to savepoint of_address` : sql`release savepoint of_address`).execute(trx);
}

function selectAccount(db: Database) {
  return db.selectFrom("users").select(accountColumns).where("erased_at", "is", null);
}
