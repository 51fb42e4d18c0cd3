import type { Usage } from "@obsqra/contract";
import type { Database } from "@obsqra/db";
import type { Actor } from "@obsqra/platform";
import { actorCounters, addressCounter, type CountingDependencies } from "@obsqra/platform";

/** What telling usage uses. */
export interface UsageDependencies extends Omit<CountingDependencies, "response"> {
  readonly db: Database;
  readonly actor: Actor;
}

/**
 * The plan of the signed-in user, and how far the limits are used that this caller's calls are counted against.
 *
 */
export async function getUsage(deps: UsageDependencies): Promise<Usage> {
  const { callLimiter, actor, request } = deps;
  const { plan } = actor;
  if (callLimiter === undefined) return { plan, limits: [] };
  const counters = [
    ...(request.ip === undefined ? [] : [addressCounter(callLimiter.policies.ip, request.ip)]),
    ...actorCounters(callLimiter.policies, actor),
  ];
  return { plan, limits: await Promise.all(counters.map((counter) => callLimiter.read(counter))) };
}
