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
