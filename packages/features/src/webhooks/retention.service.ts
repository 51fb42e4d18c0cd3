import type { RetentionRule } from "@obsqra/platform";
import { deliveriesKeptDays } from "./deliveries.service.ts";
import { deleteOldDeliveries, dropPreviousSecrets } from "./retention.queries.ts";

/** What goes of webhooks, which themselves stay until their owner deletes them. */
export const webhookRetention: readonly RetentionRule[] = [
  {
    what: "deliveries to webhooks, with their attempts, that have ended, or that a paused webhook has held back",
    days: deliveriesKeptDays,
    why: "a receiver that was away for a month reads what there is, in place of what was",
    clear: deleteOldDeliveries,
  },
  {
    what: "secrets of webhooks from before a rotation",
    days: 0,
    why: "they sign for 24 hours beside the new one",
    clear: dropPreviousSecrets,
  },
];
