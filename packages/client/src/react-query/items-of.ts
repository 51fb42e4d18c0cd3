import type { InfiniteData } from "@tanstack/react-query";
import type { Page } from "../paginate.ts";

/**
 * The items of all pages that an infinite query has read, one after the other.
 *
 * @example
 * ```ts
 * const { data } = useInfiniteQuery({ ...queries.transactions.list.infiniteQueryOptions(), select: itemsOf });
 * ```
 */
export function itemsOf<TItem>({ pages }: InfiniteData<Page<TItem>, unknown>): TItem[] {
  return pages.flatMap(({ items }) => items);
}
