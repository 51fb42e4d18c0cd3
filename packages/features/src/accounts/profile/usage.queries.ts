import type { Database } from "@obsqra/db";

/** What an owner has stored for good; undefined before the first record. */
export async function findStorageUse(
  db: Database,
  ownerId: string,
): Promise<{ readonly records: string; readonly bytes: string } | undefined> {
  return (
    db
      .selectFrom("storage_use")
      // As text on both engines: PGlite gives a bigint as a number.
      .select(({ cast }) => [
        cast<string>("records", "text").as("records"),
        cast<string>("bytes", "text").as("bytes"),
      ])
      .where("owner_id", "=", ownerId)
      .executeTakeFirst()
  );
}
