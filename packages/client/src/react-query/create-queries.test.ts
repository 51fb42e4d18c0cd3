import {
  CancelledError,
  type DehydratedState,
  dehydrate,
  hydrate,
  QueryClient,
  QueryObserver,
  skipToken,
} from "@tanstack/react-query";
import { describe, expect, it } from "vitest";
import { openService } from "../../test/service-double.ts";
import { createClient, createMemoryTokenStorage } from "../index.ts";
import { createQueries, itemsOf } from "./index.ts";

const pair = { access_token: "access-1", refresh_token: "refresh-1" };

function open(url: string) {
  const client = createClient({ url, tokens: createMemoryTokenStorage(pair) });
  return { queries: createQueries(client), queryClient: new QueryClient() };
}

describe("keys", () => {
  const { queries, queryClient } = open("");

  it("are the same for the same call, and begin with those of the procedure, the feature and everything", () => {
    const { list } = queries.transactions;
    const key = list.queryKey({ tx_type: "deposit" });
    expect(key).toEqual(["obsqra", "transactions", "list", { type: "query", input: { tx_type: "deposit" } }]);
    expect(list.queryOptions({ tx_type: "deposit" }).queryKey).toEqual(key);
    expect(list.queryKey()).toEqual(["obsqra", "transactions", "list", { type: "query" }]);
    for (const empty of [undefined, {}, { tx_type: undefined }])
      expect(list.queryKey(empty)).toEqual(list.queryKey());
    expect(key.slice(0, 3)).toEqual(list.pathKey());
    expect(key.slice(0, 2)).toEqual(queries.transactions.pathKey());
    expect(key.slice(0, 1)).toEqual(queries.pathKey());
  });

  it("tell pages from a single one, and one client from another", () => {
    const { list } = queries.transactions;
    expect(list.infiniteQueryKey()).not.toEqual(list.queryKey());
    expect(list.infiniteQueryOptions().queryKey).toEqual(list.infiniteQueryKey());
    const other = createQueries(createClient({ url: "" }), { key: "staging" });
    expect(other.transactions.list.queryKey()).toEqual([
      "staging",
      "transactions",
      "list",
      { type: "query" },
    ]);
  });

  it("find what is kept, by a part of them", async () => {
    queryClient.setQueryData(queries.auth.me.queryKey(), (user) => user);
    const key = queries.transactions.get.queryKey({ tx_hash: "0x1" });
    queryClient.setQueryData<unknown>(key, { tx_hash: "0x1" });
    await queryClient.invalidateQueries({ queryKey: queries.transactions.pathKey() });
    expect(queryClient.getQueryState(key)?.isInvalidated).toBe(true);
  });
});

describe("queries", () => {
  it("are read by the client, and can be prefetched on a server and go on in a page", async () => {
    await using service = await openService();
    const server = open(service.url);
    await server.queryClient.prefetchQuery(server.queries.auth.me.queryOptions());
    const sent = JSON.parse(JSON.stringify(dehydrate(server.queryClient))) as DehydratedState;

    const page = open(service.url);
    hydrate(page.queryClient, sent);
    const user = page.queryClient.getQueryData(page.queries.auth.me.queryKey());
    expect(user?.email).toBe("ada@example.org");
    const options = { ...page.queries.auth.me.queryOptions(), staleTime: 60_000 };
    await page.queryClient.fetchQuery(options);
    expect(service.calls).toHaveLength(1);
  });

  it("read a list page by page to its end", async () => {
    await using service = await openService();
    const { queries, queryClient } = open(service.url);
    const options = { ...queries.transactions.list.infiniteQueryOptions({ limit: 2 }), pages: 5 };
    const data = await queryClient.fetchInfiniteQuery(options);
    expect(data.pages).toHaveLength(2);
    expect(itemsOf(data).map(({ tx_hash }) => tx_hash)).toEqual(["0x1", "0x2", "0x3"]);
  });

  it("wait for their input", async () => {
    await using service = await openService();
    const { queries, queryClient } = open(service.url);
    const options = queries.transactions.get.queryOptions(skipToken);
    const observer = new QueryObserver(queryClient, options);
    const stop = observer.subscribe(() => {});
    expect(observer.getCurrentResult().fetchStatus).toBe("idle");
    stop();
    expect(service.calls).toEqual([]);
  });

  it("are cancelled with the query", async () => {
    let signal: AbortSignal | null | undefined;
    const client = createClient({
      url: "http://localhost",
      fetch: async (_url, options) => {
        signal = options?.signal;
        return new Promise(() => {});
      },
    });
    const queryClient = new QueryClient();
    const reading = queryClient.fetchQuery(createQueries(client).auth.me.queryOptions());
    const refused = expect(reading).rejects.toBeInstanceOf(CancelledError);
    await expect.poll(() => signal).toBeDefined();
    await queryClient.cancelQueries();
    await refused;
    expect(signal?.aborted).toBe(true);
  });

  it("that the service refuses are not asked again", async () => {
    await using service = await openService();
    const { queries, queryClient } = open(service.url);
    const options = queries.transactions.get.queryOptions({ tx_hash: "0x1" });
    const observer = new QueryObserver(queryClient, options);
    const stop = observer.subscribe(() => {});
    await expect.poll(() => observer.getCurrentResult().error?.code).toBe("TRANSACTION_NOT_FOUND");
    stop();
    expect(service.calls).toHaveLength(1);
  });
});

it("mutations are made by the client", async () => {
  await using service = await openService();
  const { queries, queryClient } = open(service.url);
  const options = queries.transactions.create.mutationOptions();
  const mutation = queryClient.getMutationCache().build(queryClient, options);
  const input = { tx_hash: "0x1", tx_type: "deposit", amount: "1" } as const;
  await expect(mutation.execute(input)).rejects.toMatchObject({ code: "TRANSACTION_ALREADY_LOGGED" });
  expect(options.mutationKey).toEqual(["obsqra", "transactions", "create"]);
});
