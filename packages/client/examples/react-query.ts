import { createClient } from "@obsqra/client";
import { createQueries, itemsOf, startLiveUpdates } from "@obsqra/client/react-query";
import { useInfiniteQuery, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect } from "react";

const client = createClient({ url: "http://localhost:8000" });
export const queries = createQueries(client);

export function useForecasts(protocol: string) {
  return useQuery({
    ...queries.predictions.yield_forecast.queryOptions({ protocol }),
    select: ({ items }) => items,
  });
}

/** `data` has the items of all pages so far; `fetchNextPage` reads on. */
export function useDeposits() {
  const pages = queries.transactions.list.infiniteQueryOptions({ tx_type: "deposit", limit: 50 });
  return useInfiniteQuery({ ...pages, select: itemsOf });
}

export function useCreateWebhook() {
  const queryClient = useQueryClient();
  return useMutation({
    ...queries.webhooks.create.mutationOptions(),
    onSuccess: () => queryClient.invalidateQueries({ queryKey: queries.webhooks.pathKey() }),
  });
}

/** Once in the page, where the user is known: from then on its queries follow what happens. */
export function useLiveUpdates(userId: string) {
  const queryClient = useQueryClient();
  useEffect(
    () => startLiveUpdates({ client, queries, queryClient, name: `events of ${userId}` }),
    [queryClient, userId],
  );
}
