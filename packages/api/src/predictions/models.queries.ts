import type { Database, NewRow, Row, Tables } from "@obsqra/db";

export type NewModelRow = NewRow<Tables["models"]>;
/** A live model without its bytes. */
export type LiveModelRow = Omit<Row<Tables["models"]>, "artefact"> &
  Pick<Row<Tables["model_promotions"]>, "import_id">;

const columns = [
  "models.version",
  "models.kind",
  "models.horizon_days",
  "models.algorithm",
  "models.served_by",
  "models.parameters",
  "models.metrics",
  "models.training_data_sha256",
  "models.artefact_sha256",
  "models.created_at",
  "model_promotions.import_id",
] as const;

/** Stores a model unless it is there: its version is its content, so the same version is the same row. */
export async function insertModel(db: Database, row: NewModelRow): Promise<void> {
  await db
    .insertInto("models")
    .values(row)
    .onConflict((conflict) => conflict.doNothing())
    .execute();
}

export async function insertPromotion(db: Database, row: NewRow<Tables["model_promotions"]>): Promise<void> {
  await db.insertInto("model_promotions").values(row).execute();
}

/** The model that answers for a kind and a source: the one that was promoted last. */
export async function findLiveModel(
  db: Database,
  live: { readonly kind: "risk" | "yield"; readonly source: string },
): Promise<LiveModelRow | undefined> {
  return db
    .selectFrom("model_promotions")
    .innerJoin("models", "models.version", "model_promotions.version")
    .select(columns)
    .where("model_promotions.kind", "=", live.kind)
    .where("model_promotions.source", "=", live.source)
    .orderBy("model_promotions.sequence", "desc")
    .limit(1)
    .executeTakeFirst();
}

export async function findModelArtefact(
  db: Database,
  version: string,
): Promise<{ artefact: Uint8Array; artefact_sha256: string } | undefined> {
  return db
    .selectFrom("models")
    .select(["artefact", "artefact_sha256"])
    .where("version", "=", version)
    .executeTakeFirst();
}
