import type { Database } from "@obsqra/db";
import type { Logger } from "@obsqra/platform";
import { z } from "zod";
import { checkModel, ModelChangedError } from "../models/check-model.ts";
import { listModels } from "../models/models.queries.ts";

/** The limit on daily APYs of each model by version, percent; undefined where the model was changed. */
export type ApyCaps = Map<string, number | undefined>;

const capOfParameters = z.object({
  apy_cap_percent: z.number().positive().default(Number.POSITIVE_INFINITY),
});

/** Adds the limits of models that are not known yet. One whose row was changed is logged: its outcomes are not recorded. */
export async function addApyCaps(
  { db, log }: { readonly db: Database; readonly log: Pick<Logger, "error"> },
  caps: ApyCaps,
  versions: readonly string[],
): Promise<void> {
  const missing = new Set(versions.filter((version) => !caps.has(version)));
  if (missing.size === 0) return;
  for (const row of await listModels(db, [...missing])) {
    try {
      caps.set(row.version, capOfParameters.parse(checkModel(row).parameters).apy_cap_percent);
    } catch (err) {
      if (!(err instanceof ModelChangedError)) throw err;
      log.error({ err }, "The outcomes of a model's forecasts are not recorded.");
      caps.set(row.version, undefined);
    }
  }
}
