import { type AnyJob, defineJob } from "@obsqra/platform";
import { z } from "zod";
import { type RecheckDependencies, recheckCounterfactualWallets } from "./wallet-rechecks.service.ts";

/** Checks wallets again that were linked before their contract was deployed. */
export const recheckWalletsJob: AnyJob<RecheckDependencies> = defineJob({
  name: "wallets.recheck",
  summary: "Checks linked wallets again whose contract was not deployed yet.",
  schema: z.strictObject({}),
  schedule: "17 * * * *",
  run: async (deps, { signal }) => recheckCounterfactualWallets(deps, signal),
});
