import type { Usage } from "@obsqra/contract";
import type { Database } from "@obsqra/db";
import type { Actor, StorageQuotas } from "@obsqra/platform";
import { actorCounters, addressCounter, type CountingDependencies } from "@obsqra/platform";
import { findStorageUse } from "./usage.queries.ts";

/** What telling usage uses. */
export interface UsageDependencies extends Omit<CountingDependencies, "response"> {
  readonly db: Database;
  readonly actor: Actor;
  readonly storageQuotas: StorageQuotas;
}

/** The plan of the signed-in user, what is stored, and how far the limits are used that this caller's calls count against. */
export async function getUsage(deps: UsageDependencies): Promise<Usage> {
  const { callLimiter, actor, request } = deps;
  const { plan } = actor;
  const used = await findStorageUse(deps.db, actor.owner_id);
  const storage = {
    records: Number(used?.records ?? 0),
    bytes: Number(used?.bytes ?? 0),
    quota_bytes: deps.storageQuotas[plan],
  };
  if (callLimiter === undefined) return { plan, storage, limits: [] };
  const counters = [
    ...(request.ip === undefined ? [] : [addressCounter(callLimiter.policies.ip, request.ip)]),
    ...actorCounters(callLimiter.policies, actor),
  ];
  return { plan, storage, limits: await Promise.all(counters.map((counter) => callLimiter.read(counter))) };
}
