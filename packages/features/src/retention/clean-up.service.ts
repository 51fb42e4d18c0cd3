import { applyRetention, platformRetention, type RetentionRule } from "@obsqra/platform";
import { type ErasureDependencies, eraseDueAccounts } from "../accounts/deletion/erasure.service.ts";
import { accountRetention } from "../accounts/retention.service.ts";
import { alertRetention } from "../alerts/retention.service.ts";
import { marketRetention } from "../market/retention.service.ts";
import { predictionRetention } from "../predictions/retention.service.ts";
import { webhookRetention } from "../webhooks/retention.service.ts";

/** What a clean-up has done. */
export interface CleanUp {
  readonly accounts_erased: number;
  readonly rows_cleared: number;
}

/** Everything that has an end; what is in no rule stays for good. */
export const retentionRules: readonly RetentionRule[] = [
  ...platformRetention,
  ...accountRetention,
  ...marketRetention,
  ...predictionRetention,
  ...webhookRetention,
  ...alertRetention,
];

/**
 * Erases the accounts whose grace period is over and clears what has outlived its time. For an hourly job; several servers
 * may run it at once, and running it again is harmless.
 *
 * @param signal what is left to do when it aborts waits for the next time
 * @throws DatabaseUnavailableError
 */
export async function cleanUp(deps: ErasureDependencies, signal: AbortSignal): Promise<CleanUp> {
  const accountsErased = await eraseDueAccounts(deps, signal);
  return {
    accounts_erased: accountsErased,
    rows_cleared: await applyRetention(deps, retentionRules, signal),
  };
}
