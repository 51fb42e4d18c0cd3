import type { TestApi } from "./create-test-api.ts";

/** Somebody who registers. */
export const ada = { email: "ada@example.org", password: "correct horse battery", full_name: "Ada Lovelace" };

/** Puts another hash in the place of a stored one. */
export async function setHash({ deps }: TestApi, hash: string, email = ada.email): Promise<void> {
  await deps.db
    .updateTable("user_passwords")
    .set({ hash })
    .where("user_id", "in", (query) => query.selectFrom("users").select("id").where("email", "=", email))
    .execute();
}

/** The only stored hash. */
export async function hashOf({ deps }: TestApi): Promise<string> {
  const row = await deps.db.selectFrom("user_passwords").select("hash").executeTakeFirstOrThrow();
  return row.hash;
}
