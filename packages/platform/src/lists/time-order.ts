import type { TimeOrder } from "@obsqra/contract";

/** How SQL says each order by time: the direction, and on which side of the last row the next ones are. */
export const timeOrders = {
  newest: { direction: "desc", beyond: "<" },
  oldest: { direction: "asc", beyond: ">" },
} as const satisfies Record<TimeOrder, object>;

/** A page of a list by time, as a query takes it. */
export interface TimePage {
  readonly sort: TimeOrder;
  /** What the last row of the page before had; undefined for the first page. */
  readonly after: string | undefined;
  /** The most rows. */
  readonly limit: number;
}
