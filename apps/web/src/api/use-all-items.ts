import type { Page } from "@obsqra/client";
import { itemsOf } from "@obsqra/client/react-query";
import type { InfiniteData, UseInfiniteQueryResult } from "@tanstack/react-query";
import { useEffect, useMemo } from "react";

/**
 * The items of a list, whatever the service gives on a page: further pages are read while the first is shown.
 *
 * @param enough so many are read, if there are as many
 * @returns undefined before the first page
 */
export function useAllItems<TItem>(
  pages: UseInfiniteQueryResult<InfiniteData<Page<TItem>, unknown>, unknown>,
  enough = Number.POSITIVE_INFINITY,
): TItem[] | undefined {
  const { data, hasNextPage, isFetching, isError, fetchNextPage } = pages;
  const items = useMemo(
    () => (data === undefined ? undefined : itemsOf(data).slice(0, enough)),
    [data, enough],
  );
  const isMissingSome = hasNextPage && (items?.length ?? 0) < enough;
  useEffect(() => {
    if (isMissingSome && !isFetching && !isError) void fetchNextPage();
  }, [isMissingSome, isFetching, isError, fetchNextPage]);
  return items;
}
