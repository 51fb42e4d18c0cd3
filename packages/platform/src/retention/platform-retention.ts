import { deleteExpiredCacheEntries, deleteExpiredLimits, deleteExpiredReplies } from "./retention.queries.ts";
import type { RetentionRule } from "./retention-rule.ts";

/** What goes of what every call leaves behind. */
export const platformRetention: readonly RetentionRule[] = [
  {
    what: "replies to calls with an idempotency key that have expired",
    days: 0,
    why: "they are replayed for 24 hours",
    clear: deleteExpiredReplies,
  },
  {
    what: "counts of calls whose window is over",
    days: 0,
    why: "the next call starts a new window",
    clear: deleteExpiredLimits,
  },
  {
    what: "cached figures that have expired",
    days: 0,
    why: "they are computed again",
    clear: deleteExpiredCacheEntries,
  },
];
