import { type AnyJob, defineJob } from "@obsqra/platform";
import { z } from "zod";
import { compareScores, compareScoresJobName, type RiskEngineDependencies } from "./risk-engine.service.ts";

/** Compares our risk scores with those of the contract. */
export const compareScoresJob: AnyJob<RiskEngineDependencies> = defineJob({
  name: compareScoresJobName,
  summary: "Asks the RiskEngine contract for the scores of the newest day, and compares them with ours.",
  schema: z.strictObject({}),
  schedule: "47 * * * *",
  run: async (deps, { signal }) => compareScores(deps, signal),
});
