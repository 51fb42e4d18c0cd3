import { QueryClient } from "@tanstack/react-query";
import { expect, it, vi } from "vitest";
import { follow, isObsqraError, ObsqraError, paginate } from "../index.ts";
import { createQueries, startLiveUpdates } from "../react-query/index.ts";
import { createMockClient } from "./index.ts";

it("returns an example for every query and mutation, alone and in a batch, and notes what was called", async () => {
  const { client, calls } = createMockClient();
  const [user, { protocols }] = await Promise.all([
    client.auth.me.query(),
    client.analytics.dashboard.query({ days: 7 }),
  ]);
  expect(user.email).toContain("@");
  expect(protocols.length).toBeGreaterThan(0);
  await client.transactions.create.mutate({ tx_hash: "0x1", tx_type: "deposit", amount: "1" });
  expect(calls).toEqual([
    { path: "auth.me", input: undefined },
    { path: "analytics.dashboard", input: { days: 7 } },
    { path: "transactions.create", input: { tx_hash: "0x1", tx_type: "deposit", amount: "1" } },
  ]);
});

it("ends lists with their first page", async () => {
  const { client } = createMockClient();
  const items = await readAll(paginate(client.transactions.list));
  expect(items.length).toBeGreaterThan(0);
});

it("returns what it was given, also as a function of the input", async () => {
  const { client } = createMockClient({
    responses: {
      webhooks: { list: { items: [], next_cursor: null } },
      analytics: {
        allocation_history: ({ cursor } = {}) => ({
          items: [],
          next_cursor: cursor === undefined ? "x" : null,
        }),
      },
    },
  });
  expect(await client.webhooks.list.query()).toEqual({ items: [], next_cursor: null });
  const pages = await readAll(paginate(client.analytics.allocation_history).byPage());
  expect(pages.map(({ next_cursor }) => next_cursor)).toEqual(["x", null]);
});

it("fails as it was told to, one call of a batch like one alone, and once more than it is retried", async () => {
  let failures = 0;
  const lost = new ObsqraError("CONNECTION_FAILED", undefined, { message: "lost" });
  const { client } = createMockClient({
    maxRetries: 2,
    responses: {
      auth: {
        me: () => {
          failures += 1;
          throw lost;
        },
      },
      transactions: {
        get: ({ tx_hash }) => {
          throw new ObsqraError("TRANSACTION_NOT_FOUND", undefined, { message: tx_hash, status: 404 });
        },
      },
      users: {
        profile: () => {
          throw new Error("a bug in a test");
        },
      },
    },
  });
  const missing = client.transactions.get.query({ tx_hash: "0x1" }).catch((error: unknown) => error);
  const version = client.service.version.query();
  const error = await missing;
  expect(isObsqraError(error, "TRANSACTION_NOT_FOUND") && [error.message, error.status]).toEqual([
    "0x1",
    404,
  ]);
  expect(await version).toHaveProperty("version");
  await expect(client.auth.me.query()).rejects.toMatchObject({ code: "CONNECTION_FAILED" });
  expect(failures).toBe(3);
  await expect(client.users.profile.query()).rejects.toMatchObject({ code: "CLIENT_FAILED" });
});

it("takes as long as it was told to, unless nobody waits any more", async () => {
  const { client, calls } = createMockClient({
    latencyMs: ({ path }) => (path === "auth.me" ? 1 : 3_600_000),
  });
  await client.auth.me.query();
  const signal = AbortSignal.timeout(1);
  await expect(client.users.profile.query(undefined, { signal })).rejects.toMatchObject({
    code: "REQUEST_TIMED_OUT",
  });
  expect(calls.map(({ path }) => path)).toEqual(["auth.me"]);
});

it("tells everybody who follows what happened", async () => {
  const { client, emit } = createMockClient();
  const queryClient = new QueryClient();
  const queries = createQueries(client);
  const key = queries.transactions.list.queryKey();
  await queryClient.fetchQuery(queries.transactions.list.queryOptions());
  const onEvent = vi.fn();
  const stop = startLiveUpdates({ client, queries, queryClient, topics: ["transactions"], onEvent });
  for await (const event of follow(client.events.follow)) {
    if (event.type === "transaction.logged") break;
    await vi.waitUntil(() => onEvent.mock.calls.length === 1, 60_000);
    const payload = { tx_type: "deposit", suggestion_id: null } as const;
    emit({ type: "transaction.logged", subject: "an id", payload });
  }
  await expect.poll(() => queryClient.getQueryState(key)?.isInvalidated).toBe(true);
  stop();
});

async function readAll<TItem>(iterable: AsyncIterable<TItem>): Promise<TItem[]> {
  const items: TItem[] = [];
  for await (const item of iterable) items.push(item);
  return items;
}
