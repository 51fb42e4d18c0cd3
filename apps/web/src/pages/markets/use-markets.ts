import { useInfiniteQuery } from "@tanstack/react-query";
import { queries } from "../../api/client.ts";
import { useAllItems } from "../../api/use-all-items.ts";

/** Every market: further pages are read while the first is shown. */
export function useMarkets() {
  const pages = useInfiniteQuery(queries.analytics.markets.infiniteQueryOptions({ limit: 500 }));
  return { ...pages, markets: useAllItems(pages) };
}
