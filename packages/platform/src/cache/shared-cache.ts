import type { Database } from "@obsqra/db";
import type { L2CacheDriver } from "bentocache/types";
import type { Logger } from "../logger.ts";
import { withTimeout } from "../with-timeout.ts";
import { deleteCacheEntries, findCacheEntry, upsertCacheEntry } from "./cache-entries.queries.ts";

/** What caching in the database uses. */
export interface SharedCacheDependencies {
  readonly db: Database;
  readonly clock: () => Date;
  readonly log: Pick<Logger, "warn">;
}

/** How much a process may ask of the table. */
export interface SharedCacheOptions {
  /** Whoever waits longer for the cache had better compute. @default 250 */
  readonly waitMsMax?: number;
  /** Characters. The table is emptied every hour, and no caller shall fill it. @default 32,000,000 */
  readonly writtenPerHourMax?: number;
}

/** Connections that the cache may hold; the rest are left to those who compute. */
const connectionsMax = 2;
const hourMs = 60 * 60 * 1000;

/**
 * Keeps cache entries in the table `analytics_cache`, for several processes on one Postgres. For what everybody may
 * see. Not within a transaction: it has connections of its own.
 */
export function createSharedCache(
  { db, clock, log }: SharedCacheDependencies,
  { waitMsMax = 250, writtenPerHourMax = 32_000_000 }: SharedCacheOptions = {},
): L2CacheDriver {
  let connections = 0;
  let written = { hour: 0, length: 0 };

  /** Does it, unless the cache is busy; fails when that takes too long. */
  async function attempt<TResult>(work: () => Promise<TResult>): Promise<TResult | undefined> {
    if (connections >= connectionsMax) return undefined;
    connections += 1;
    const working = work().finally(() => {
      connections -= 1;
    });
    try {
      return await withTimeout(working, waitMsMax, `The database took longer than ${waitMsMax} ms.`);
    } catch (error) {
      log.warn({ err: error }, "Cache entries cannot be shared");
      throw error;
    }
  }

  function takeFromBudget(length: number): boolean {
    const hour = Math.floor(clock().getTime() / hourMs);
    if (written.hour !== hour) written = { hour, length: 0 };
    if (written.length + length > writtenPerHourMax) return false;
    written.length += length;
    return true;
  }

  const get = (key: string) => attempt(() => findCacheEntry(db, { key, now: clock() }));
  const forget = async (keys?: readonly string[]) => {
    await attempt(() => deleteCacheEntries(db, keys));
    return true;
  };
  const driver: L2CacheDriver = {
    type: "l2",
    namespace: () => driver,
    get,
    set: async (key, value, ttl = hourMs) => {
      if (!takeFromBudget(value.length)) return false;
      const now = clock();
      const row = { key, value, created_at: now, expires_at: new Date(now.getTime() + ttl) };
      await attempt(() => upsertCacheEntry(db, row));
      return true;
    },
    pull: async (key) => {
      const value = await get(key);
      await forget([key]);
      return value;
    },
    delete: (key) => forget([key]),
    deleteMany: forget,
    clear: async () => void (await forget()),
    disconnect: async () => {},
  };
  return driver;
}
