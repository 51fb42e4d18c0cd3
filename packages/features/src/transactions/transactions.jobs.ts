import { type AnyJob, defineJob } from "@obsqra/platform";
import { z } from "zod";
import { type ConfirmationDependencies, confirmTransactions } from "./confirmations.service.ts";

/** Finds out on the chain what became of logged transactions. */
export const confirmTransactionsJob: AnyJob<ConfirmationDependencies> = defineJob({
  name: "transactions.confirm",
  summary: "Asks the Starknet node what became of logged transactions.",
  schema: z.strictObject({}),
  schedule: "* * * * *",
  run: async (deps, { signal }) => confirmTransactions(deps, signal),
});
