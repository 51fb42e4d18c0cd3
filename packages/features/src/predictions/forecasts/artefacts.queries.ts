import type { DatabaseTransaction, NewRow, Tables } from "@obsqra/db";

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
