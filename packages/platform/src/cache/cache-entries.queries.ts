import type { Database, NewRow, Tables } from "@obsqra/db";
import { latestMoment } from "../elapsed.ts";

/** The text that is kept under a key, unless its time is over. */
export async function findCacheEntry(
  db: Database,
  { key, now }: { readonly key: string; readonly now: Date },
): Promise<string | undefined> {
  const row = await db
    .selectFrom("analytics_cache")
    .select("value")
    .where("key", "=", key)
    .where("expires_at", ">", now)
    // Otherwise it was written before the clock was set back, and would be kept for longer than an entry is.
    .where("created_at", "<=", latestMoment(now))
    .executeTakeFirst();
  return row?.value;
}

/** Keeps a text under a key, in place of what was kept there. */
export async function upsertCacheEntry(db: Database, row: NewRow<Tables["analytics_cache"]>): Promise<void> {
  await db
    .insertInto("analytics_cache")
    .values(row)
    .onConflict((conflict) =>
      conflict.column("key").doUpdateSet(({ ref }) => ({
        value: ref("excluded.value"),
        created_at: ref("excluded.created_at"),
        expires_at: ref("excluded.expires_at"),
      })),
    )
    .execute();
}

/** Forgets what is kept under some keys, or everything. */
export async function deleteCacheEntries(db: Database, keys?: readonly string[]): Promise<void> {
  const all = db.deleteFrom("analytics_cache");
  await (keys === undefined ? all : all.where("key", "in", [...keys, ""])).execute();
}
