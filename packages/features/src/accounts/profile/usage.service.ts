import type { Usage } from "@obsqra/contract";
import type { Database } from "@obsqra/db";
import type { Principal } from "@obsqra/platform";
import { addressCounter, type CountingDependencies, principalCounters } from "@obsqra/platform";
import { existingAccount } from "../existing-account.ts";
import { findUser } from "./profile.queries.ts";

/** What telling usage uses. */
export interface UsageDependencies extends Omit<CountingDependencies, "answer"> {
  readonly db: Database;
  readonly principal: Principal;
}

/**
 * The plan of the signed-in user, and how far the limits are used that this caller's calls are counted against.
 *
 * @throws AppError TOKEN_INVALID when the account no longer exists
 */
export async function getUsage(deps: UsageDependencies): Promise<Usage> {
  const { callLimiter, principal, request } = deps;
  const { plan } = existingAccount(await findUser(deps.db, principal.user_id));
  if (callLimiter === undefined) return { plan, limits: [] };
  const counters = [
    ...(request.ip === undefined ? [] : [addressCounter(callLimiter.policies.ip, request.ip)]),
    ...principalCounters(callLimiter.policies, principal, plan),
  ];
  return { plan, limits: await Promise.all(counters.map((counter) => callLimiter.read(counter))) };
}
