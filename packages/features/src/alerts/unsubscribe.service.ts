import type { Database } from "@obsqra/db";
import type { CallTurns, Sealer } from "@obsqra/platform";
import { switchAlertsOff } from "../accounts/profile/profile.service.ts";
import { openUnsubscription } from "./unsubscription.ts";

/** What ending alerts uses. */
export interface UnsubscribeDependencies {
  readonly db: Database;
  readonly clock: () => Date;
  readonly sealer: Sealer;
  readonly callTurns: CallTurns;
}

/** Whether a token is one of this service's that ends alerts. Nothing changes. */
export function isUnsubscription(
  { sealer }: Pick<UnsubscribeDependencies, "sealer">,
  token: string,
): boolean {
  return openUnsubscription(sealer, token) !== undefined;
}

/**
 * Switches the alerts of whoever got a mail off (`email_alerts_enabled`), by the token of that mail, and takes back those that are not
 * sent yet. It does nothing else, and doing it again costs one read. It takes turns with the other calls of that user.
 *
 * @returns false when the token is none of this service's
 */
export async function unsubscribeFromAlerts(deps: UnsubscribeDependencies, token: string): Promise<boolean> {
  const user_id = openUnsubscription(deps.sealer, token);
  if (user_id === undefined) return false;
  await deps.callTurns.inTurn(user_id, () => switchAlertsOff(deps.db, { user_id, now: deps.clock() }));
  return true;
}
