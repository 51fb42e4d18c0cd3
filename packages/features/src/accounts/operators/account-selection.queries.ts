import type { Database, Row, Tables } from "@obsqra/db";

export type AccountRow = Pick<Row<Tables["users"]>, "id" | "erased_at">;

export async function findAccount(
  db: Database,
  by: { readonly email: string } | { readonly id: string },
): Promise<AccountRow | undefined> {
  const query = db.selectFrom("users").select(["id", "erased_at"]);
  return (
    "email" in by ? query.where("email", "=", by.email) : query.where("id", "=", by.id)
  ).executeTakeFirst();
}

/** Accounts in the order in which they were made. */
export async function listAccounts(
  db: Database,
  page: { readonly after: string | undefined; readonly limit: number },
): Promise<AccountRow[]> {
  let query = db.selectFrom("users").select(["id", "erased_at"]);
  if (page.after !== undefined) query = query.where("id", ">", page.after);
  return query.orderBy("id").limit(page.limit).execute();
}
