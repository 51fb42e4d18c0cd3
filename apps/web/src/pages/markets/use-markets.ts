import { useInfiniteQuery } from "@tanstack/react-query";
import { marketsQuery } from "../../api/first-page.ts";
import { useAllItems } from "../../api/use-all-items.ts";

/** Every market: further pages are read while the first is shown. */
export function useMarkets() {
  const pages = useInfiniteQuery(marketsQuery);
  return { ...pages, markets: useAllItems(pages) };
}
