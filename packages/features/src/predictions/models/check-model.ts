import { isIntact } from "@obsqra/ml";
import { z } from "zod";
import type { StoredModelRow } from "./models.queries.ts";

/** A model whose row is what its version names. */
export type ModelRow = z.output<typeof modelRow>;

const modelRow = z.object({
  version: z.string(),
  kind: z.enum(["risk", "yield"]),
  horizon_days: z.int(),
  algorithm: z.string(),
  served_by: z.enum(["model", "baseline"]),
  parameters: z.unknown(),
  metrics: z.unknown(),
  training_data_sha256: z.string(),
  artefact_sha256: z.string(),
  manifest_sha256: z.string().nullable(),
  created_at: z.coerce.date(),
});

/** What is stored of a model is not what its version names: somebody has changed it past the rules of the database. */
export class ModelChangedError extends Error {
  override readonly name = "ModelChangedError";
}

/**
 * Checks a model's row against its version and the hash of its manifest. Everything that is stated of a model comes through
 * here; [docs/security.md](../../../../../docs/security.md) says what versions from before there were manifests do not cover.
 *
 * @throws ModelChangedError when it is missing or anything in it was changed
 */
export function checkModel(row: StoredModelRow): ModelRow {
  const { data: model, error } = modelRow.safeParse(row);
  if (model === undefined) {
    throw new ModelChangedError(
      `Model ${row.version} is missing from the table models, or not as it was stored.`,
      {
        cause: error,
      },
    );
  }
  if (!isIntact(model, { ...model, trained_at: model.created_at })) {
    throw new ModelChangedError(
      `The row of model ${model.version} in the table models is not what its version and its manifest_sha256 cover.`,
    );
  }
  return model;
}
