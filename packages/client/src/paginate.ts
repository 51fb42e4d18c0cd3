import { aborted } from "./aborted.ts";

/** A page of a list. */
export interface Page<TItem> {
  items: TItem[];
  /** Pass as cursor for the next page; null on the last */
  next_cursor: string | null;
}

/** A procedure of the client that lists something: it takes a `cursor` and returns a page. */
export interface ListProcedure {
  readonly query: (input: never, options?: { readonly signal?: AbortSignal }) => Promise<Page<unknown>>;
}

/** How a list is read. */
export interface PagesOptions {
  /** Ends the iteration: with `REQUEST_ABORTED`, as a call ends. */
  readonly signal?: AbortSignal | undefined;
}

/** The items of a list from one page after the other; each page is asked for when the previous one has been read. */
export interface Pages<TPage extends Page<unknown>> extends AsyncIterable<ItemOf<TPage>> {
  /** The same, page by page, with what a page says besides its items. */
  byPage(): AsyncIterable<TPage>;
}

type ItemOf<TPage> = TPage extends Page<infer TItem> ? TItem : never;
type InputOf<TList extends ListProcedure> = Parameters<TList["query"]>[0];
type PageOf<TList extends ListProcedure> = Awaited<ReturnType<TList["query"]>>;

/**
 * Reads a list to its end, however many pages it has. `input` is what the list takes: its filters, its order, the `limit`
 * of a page, and a `cursor` to go on from. Leave the loop with `break` when there is enough.
 *
 * @throws ObsqraError when a page cannot be read, as the list's `query` does
 *
 * @example
 * ```ts
 * for await (const transaction of paginate(obsqra.transactions.list, { tx_type: "deposit" })) {
 *   console.log(transaction.tx_hash);
 * }
 * ```
 */
export function paginate<TList extends ListProcedure>(
  list: TList,
  input?: InputOf<TList>,
  options: PagesOptions = {},
): Pages<PageOf<TList>> {
  // What the types above say of every list, said to the compiler about this one.
  const procedure = list as unknown as {
    query(input: object, options: PagesOptions): Promise<Page<ItemOf<PageOf<TList>>> & PageOf<TList>>;
  };
  const start: { readonly cursor?: string | undefined } = input ?? {};
  return { byPage, [Symbol.asyncIterator]: byItem };

  async function* byPage() {
    let { cursor } = start;
    do {
      const page = await procedure.query({ ...start, cursor }, options);
      yield page;
      cursor = page.next_cursor ?? undefined;
    } while (cursor !== undefined);
  }

  async function* byItem() {
    for await (const { items } of byPage()) {
      for (const item of items) {
        if (options.signal?.aborted === true) throw aborted(options.signal.reason);
        yield item;
      }
    }
  }
}
