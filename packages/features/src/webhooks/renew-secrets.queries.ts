import type { Database, Row, Tables } from "@obsqra/db";

type SealedSecrets = Pick<Row<Tables["webhooks"]>, "id" | "secret_sealed" | "previous_secret_sealed">;

export async function listSealedSecrets(
  db: Database,
  { after, limit }: { readonly after: string | undefined; readonly limit: number },
): Promise<SealedSecrets[]> {
  let query = db.selectFrom("webhooks").select(["id", "secret_sealed", "previous_secret_sealed"]);
  if (after !== undefined) query = query.where("id", ">", after);
  return query.orderBy("id").limit(limit).execute();
}

/** Replaces sealed secrets unless they were rotated meanwhile. @returns how many webhooks have changed */
export async function replaceSealedSecrets(
  db: Database,
  {
    id,
    known,
    change,
  }: {
    readonly id: string;
    readonly known: Uint8Array;
    readonly change: Partial<Omit<SealedSecrets, "id">>;
  },
): Promise<number> {
  const result = await db
    .updateTable("webhooks")
    .set(change)
    .where("id", "=", id)
    .where("secret_sealed", "=", known)
    .executeTakeFirst();
  return Number(result.numUpdatedRows);
}
