import type { TimeOrder } from "@obsqra/contract";

/** How SQL says each order by time: the direction, and on which side of the last row the next ones are. */
export const timeOrders = {
  newest: { direction: "desc", beyond: "<" },
  oldest: { direction: "asc", beyond: ">" },
} as const satisfies Record<TimeOrder, object>;
