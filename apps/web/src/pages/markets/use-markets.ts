import { itemsOf } from "@obsqra/client/react-query";
import { useInfiniteQuery } from "@tanstack/react-query";
import { useEffect } from "react";
import { queries } from "../../api/client.ts";

/** Every market: further pages are read while the first is shown. */
export function useMarkets() {
  const pages = useInfiniteQuery(queries.analytics.markets.infiniteQueryOptions({ limit: 500 }));
  const { hasNextPage, isFetching, isError, fetchNextPage } = pages;
  useEffect(() => {
    if (hasNextPage && !isFetching && !isError) void fetchNextPage();
  }, [hasNextPage, isFetching, isError, fetchNextPage]);
  return { ...pages, markets: pages.data === undefined ? undefined : itemsOf(pages.data) };
}
