/** The part of a list's output that its links are made from. */
export interface Page {
  readonly next_cursor?: string | null;
}

/**
 * The `Link` header (RFC 8288) of a page of a list: `rel="next"`, unless it is the last page, and `rel="first"`, with the
 * query that was sent. The addresses begin at the server's root, so that they are right whatever name it is reached by.
 *
 * @param path where the list is, as in `/api/v1/transactions`
 * @param input the query as it was read; fields that the list does not have are not in it
 */
export function pageLinks(path: string, input: object, page: Page): string {
  const { cursor: _, ...query } = input as Readonly<Record<string, unknown>>;
  const first = link(path, query, "first");
  if (typeof page.next_cursor !== "string") return first;
  return `${link(path, { ...query, cursor: page.next_cursor }, "next")}, ${first}`;
}

/** In a query, everything that could end the address is written as `%` and digits. */
function link(path: string, query: Readonly<Record<string, unknown>>, relation: "next" | "first"): string {
  const entries = Object.entries(query).flatMap(([name, value]) =>
    [value].flat().map((each) => [name, String(each)] as [string, string]),
  );
  const text = new URLSearchParams(entries).toString();
  return `<${path}${text === "" ? "" : `?${text}`}>; rel="${relation}"`;
}
