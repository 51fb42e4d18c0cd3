import { QueryClient } from "@tanstack/react-query";
import { expect, it, vi } from "vitest";
import { createClient } from "../index.ts";
import { createQueries, startLiveUpdates } from "./index.ts";

/** A service that sends what it is given as events, on one stream after the other, and refuses when nothing is left. */
function open(...streams: readonly (readonly string[])[]) {
  const left = [...streams];
  const client = createClient({
    url: "http://localhost",
    fetch: async () => {
      const types = left.shift();
      if (types === undefined) return refusal("TOKEN_INVALID", 401);
      if (types.length === 0) return refusal("EVENT_ID_INVALID", 400);
      const text = types.map((type, index) => `id: 1-${index}\ndata: ${JSON.stringify({ type })}\n\n`);
      const body = `retry: 1\n\n${text.join("")}`;
      return new Response(body, { headers: { "content-type": "text/event-stream" } });
    },
  });
  const queryClient = new QueryClient();
  const queries = createQueries(client);
  const keys = [
    queries.predictions.yield_forecast.queryKey({ protocol: "ekubo" }),
    queries.analytics.dashboard.queryKey(),
    queries.transactions.list.infiniteQueryKey(),
    queries.auth.api_keys.queryKey(),
  ] as const;
  for (const key of keys) queryClient.setQueryData<unknown>(key, {});
  const outdated = () =>
    keys.filter((key) => queryClient.getQueryState(key)?.isInvalidated).map((key) => `${key[1]}.${key[2]}`);
  return { client, queries, queryClient, outdated };
}

function refusal(code: string, status: number): Response {
  const problem = { code, status, detail: code, request_id: "request-1" };
  return Response.json(problem, { status });
}

it.each([
  [["forecasts.published"], ["predictions.yield_forecast"]],
  [["market_data.imported"], ["predictions.yield_forecast", "analytics.dashboard"]],
  [["transaction.logged"], ["analytics.dashboard", "transactions.list"]],
  [["api_key.revoked", "something.new", "stream.position"], ["auth.api_keys"]],
])("marks after %j as out of date: %j", async (types, expected) => {
  const { outdated, ...options } = open(types);
  const onError = vi.fn();
  const stop = startLiveUpdates({ ...options, onError });
  await expect.poll(outdated).toEqual(expected);
  await vi.waitUntil(() => onError.mock.calls.length > 0, 60_000);
  expect(onError).toHaveBeenCalledExactlyOnceWith(expect.objectContaining({ code: "TOKEN_INVALID" }));
  stop();
});

it("reads everything again when a stream begins, also after too much has happened meanwhile", async () => {
  const { outdated, ...options } = open(["forecasts.published"], [], ["stream.opened"]);
  const onEvent = vi.fn();
  const stop = startLiveUpdates({ ...options, onEvent });
  await expect.poll(() => outdated().length, { timeout: 60_000 }).toBe(4);
  expect(onEvent.mock.calls.map(([{ type }]) => type)).toEqual(["forecasts.published", "stream.opened"]);
  stop();
});

it("ends when it is told to, and says nothing about it", async () => {
  const signals: (AbortSignal | null | undefined)[] = [];
  const client = createClient({
    url: "http://localhost",
    fetch: async (_url, options) => {
      signals.push(options?.signal);
      return new Promise((_resolve, reject) => {
        options?.signal?.addEventListener("abort", () => reject(options.signal?.reason));
      });
    },
  });
  const onError = vi.fn();
  const queries = createQueries(client);
  const stop = startLiveUpdates({ client, queries, queryClient: new QueryClient(), onError });
  await expect.poll(() => signals.length).toBe(1);
  stop();
  await expect.poll(() => signals[0]?.aborted).toBe(true);
  expect(onError).not.toHaveBeenCalled();
});
