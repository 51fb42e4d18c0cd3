import type { Database, DatabaseTransaction, NewRow, Tables } from "@obsqra/db";

export type NewArtefactRow = NewRow<Tables["artefacts"]>;

/** Stores files that are not there yet. */
export async function insertArtefacts(
  trx: DatabaseTransaction,
  rows: readonly NewArtefactRow[],
): Promise<void> {
  for (const row of rows) {
    await trx
      .insertInto("artefacts")
      .values(row)
      .onConflict((conflict) => conflict.doNothing())
      .execute();
  }
}

/** Whether a file is there already. */
export async function hasArtefact(db: Database, sha256: string): Promise<boolean> {
  const found = await db
    .selectFrom("artefacts")
    .select("sha256")
    .where("sha256", "=", sha256)
    .executeTakeFirst();
  return found !== undefined;
}
