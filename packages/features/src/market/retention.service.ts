import type { RetentionRule } from "@obsqra/platform";
import { deleteOldRevisions } from "./retention.queries.ts";

/** So many days after an import was followed by another one, the history can be told as it knew it. */
export const revisionDays = 400;

/** What goes of market history. What is served stays for good, and so does what was imported when. */
export const marketRetention: readonly RetentionRule[] = [
  {
    what: "observations that a later import has replaced or removed",
    days: revisionDays,
    why: "for more than a year it can be shown what a forecast and its outcome were made from; a file that is written anew each day would fill the disk",
    clear: deleteOldRevisions,
  },
];
