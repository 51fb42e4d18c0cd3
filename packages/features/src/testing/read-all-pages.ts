/** The items of all pages of a list. */
export async function readAllPages<TItem>(
  read: (cursor: string | undefined) => Promise<{
    readonly items: readonly TItem[];
    readonly next_cursor: string | null;
  }>,
): Promise<TItem[]> {
  const all: TItem[] = [];
  let cursor: string | undefined;
  do {
    const { items, next_cursor } = await read(cursor);
    all.push(...items);
    cursor = next_cursor ?? undefined;
  } while (cursor !== undefined);
  return all;
}
