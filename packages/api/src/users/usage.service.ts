import type { Usage } from "@obsqra/contract";
import type { Database } from "@obsqra/db";
import { existingAccount } from "../auth/existing-account.ts";
import { addressCounter, type CountingDependencies, principalCounters } from "../limits/count-call.ts";
import type { Principal } from "../principal.ts";
import { findUser } from "./users.queries.ts";

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
