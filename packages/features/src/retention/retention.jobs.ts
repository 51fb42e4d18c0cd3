import { type AnyJob, defineJob } from "@obsqra/platform";
import { z } from "zod";
import type { ErasureDependencies } from "../accounts/deletion/erasure.service.ts";
import { cleanUp } from "./clean-up.service.ts";

/** Erases accounts whose time has come, and clears what has outlived its own. */
export const cleanUpJob: AnyJob<ErasureDependencies> = defineJob({
  name: "retention.clean_up",
  summary: "Erases accounts whose time has come, and clears what has outlived its own.",
  schema: z.strictObject({}),
  schedule: "37 * * * *",
  run: async (deps, { signal }) => cleanUp(deps, signal),
});
