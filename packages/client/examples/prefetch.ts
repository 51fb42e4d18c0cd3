import { createClient } from "@obsqra/client";
import { createQueries } from "@obsqra/client/react-query";
import { dehydrate, QueryClient } from "@tanstack/react-query";

/** What `<HydrationBoundary state={…}>` takes; `useQuery` with the same options then has it at once. */
export async function readFirst(apiKey: string) {
  const queries = createQueries(createClient({ url: "http://localhost:8000", apiKey }));
  const queryClient = new QueryClient();
  await Promise.all([
    queryClient.prefetchQuery(queries.analytics.dashboard.queryOptions()),
    queryClient.prefetchInfiniteQuery(queries.transactions.list.infiniteQueryOptions()),
  ]);
  return dehydrate(queryClient);
}
