import { queries, queryClient } from "./client.ts";

/** So long the first page may be blank for the sake of figures that are nearly there: drawn without them, it is drawn twice. */
const blankMs = 150;

export const overviewQuery = queries.analytics.overview.queryOptions();
export const marketsQuery = queries.analytics.markets.infiniteQueryOptions({ limit: 500 });

/** Reads what the first page shows, in one request; waits for it, but not for long. */
export async function readFirstPage(): Promise<void> {
  const reading = [queryClient.prefetchQuery(overviewQuery), queryClient.prefetchInfiniteQuery(marketsQuery)];
  const enough = new Promise((resolve) => setTimeout(resolve, blankMs));
  await Promise.race([Promise.all(reading), enough]);
}
