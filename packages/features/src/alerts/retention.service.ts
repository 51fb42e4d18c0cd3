import type { RetentionRule } from "@obsqra/platform";
import { deleteOldAlerts } from "./retention.queries.ts";

/** What goes of what alerts leave behind. */
export const alertRetention: readonly RetentionRule[] = [
  {
    what: "alerts that were told",
    days: 365,
    why: "for a year users can see in their data what they were told; nothing of them is told again, since events are read once",
    clear: deleteOldAlerts,
  },
];
