import { createLimitPolicies } from "@obsqra/platform";
import { describe, expect, it, vi } from "vitest";
import { createConfiguredCallLimiter } from "../../src/create-call-limiter.ts";
import { readEnvironment } from "../../src/env.ts";
import { openRedis } from "../../src/redis.ts";
import { redisMissing, startRedis } from "../redis/start-redis.ts";
import { send, startTestServer, type WireResponse } from "./start-test-server.ts";

const counter = { policy: createLimitPolicies({}).user, key: "ada" };

/** Two servers on one database, each with a limiter of its own, as their environment configures it. */
async function startTwoServers(variables: Record<string, string>, redisUrl?: string) {
  const env = readEnvironment({ RATE_LIMIT_PER_IP: "10", ...variables });
  const clients: Awaited<ReturnType<typeof openRedis>>[] = [];
  const connect = async () => {
    if (redisUrl === undefined) return undefined;
    const client = await openRedis(redisUrl);
    clients.push(client);
    return client;
  };
  const first = await startTestServer();
  const { deps } = first.api;
  await first.app.close();
  const start = async () =>
    startTestServer({
      deps: {
        db: deps.db,
        callLimiter: createConfiguredCallLimiter({
          ...deps,
          env,
          redis: await connect(),
          // A busy machine must not make a store look as if it were away.
          responseTimeoutMs: 60_000,
        }),
      },
    });
  const servers = [await start(), await start()] as const;
  return {
    servers,
    clock: first.api.clock,
    logged: first.api.logged,
    [Symbol.asyncDispose]: async () => {
      for (const server of servers) await server[Symbol.asyncDispose]();
      for (const client of clients) client.disconnect();
      await first[Symbol.asyncDispose]();
    },
  };
}

function statusesOf(responses: readonly WireResponse[]) {
  return Object.fromEntries(
    [...Map.groupBy(responses, ({ status }) => status)].map(([status, all]) => [status, all.length]),
  );
}

const ask = ({ url }: { readonly url: string }) => send(url, { path: "/api/v1/auth/me" });

describe("servers on one database", () => {
  it("count together in its table", async () => {
    await using two = await startTwoServers({
      DATABASE_URL: "postgresql://named.only:5432/so-that-it-is-chosen",
    });
    const [one, other] = two.servers;
    const responses = await Promise.all(
      [one, other, one, other].flatMap((server) => Array(4).fill(server)).map(ask),
    );
    expect(statusesOf(responses)).toEqual({ 401: 10, 429: 6 });
  });

  it("count apart where they are told to count in memory", async () => {
    await using two = await startTwoServers({ RATE_LIMIT_STORE: "memory" });
    const [one, other] = two.servers;
    const responses = await Promise.all([one, other].flatMap((server) => Array(12).fill(server)).map(ask));
    expect(statusesOf(responses)).toEqual({ 401: 20, 429: 4 });
  });
});

describe.skipIf(redisMissing !== undefined)(`servers with one Redis ${redisMissing ?? ""}`, () => {
  it("count together, in windows that Redis ends itself", async () => {
    await using redis = await startRedis();
    await using two = await startTwoServers({ REDIS_URL: redis.url }, redis.url);
    const [one, other] = two.servers;
    const responses = await Promise.all(
      [one, other, one, other].flatMap((server) => Array(4).fill(server)).map(ask),
    );
    expect(statusesOf(responses)).toEqual({ 401: 10, 429: 6 });
    const client = await openRedis(redis.url);
    const keys = await client.keys("*");
    expect(keys).toEqual(["obsqra:ip:127.0.0.1"]);
    const ttl = await client.ttl("obsqra:ip:127.0.0.1");
    expect(ttl).toBeGreaterThan(0);
    expect(ttl).toBeLessThanOrEqual(60);
    client.disconnect();
  });

  it("go on serving, and each counts alone, while Redis is away, and count together again afterwards", async () => {
    await using redis = await startRedis();
    await using two = await startTwoServers({ REDIS_URL: redis.url }, redis.url);
    const [one, other] = two.servers;
    const askBoth = () => Promise.all([...Array(12).fill(one), ...Array(12).fill(other)].map(ask));
    await redis.stop();
    expect(statusesOf(await askBoth())).toEqual({ 401: 20, 429: 4 });
    const said = two.logged.map(({ message }) => message);
    expect(said.filter((message) => message.includes("is away"))).toHaveLength(2);

    await redis.start();
    await vi.waitUntil(
      async () => {
        // A store that was away is asked again a second later.
        two.clock.advance(1_000);
        await Promise.all([ask(one), ask(other)]);
        return two.logged.filter(({ message }) => message.includes("is back")).length === 2;
      },
      { timeout: 120_000, interval: 100 },
    );
    await askBoth();
    expect((await Promise.all([ask(one), ask(other)])).map(({ status }) => status)).toEqual([429, 429]);
  });

  it("do not wait for a Redis that hangs", async () => {
    await using redis = await startRedis();
    const client = await openRedis(redis.url);
    const logged: string[] = [];
    const log = (_facts: object, message: string) => void logged.push(message);
    await using server = await startTestServer();
    const limiter = createConfiguredCallLimiter({
      env: readEnvironment({ REDIS_URL: redis.url }),
      db: server.api.deps.db,
      redis: client,
      clock: () => new Date(),
      log: { info: log, warn: log, error: log },
    });
    expect(await limiter?.count(counter, 1)).toMatchObject({ isExceeded: false });
    redis.freeze();
    expect(await limiter?.count(counter, 1)).toMatchObject({ isExceeded: false });
    expect(logged).toHaveLength(1);
    redis.thaw();
    client.disconnect();
  });

  it("start without it, and take it up when it comes", async () => {
    await using redis = await startRedis();
    await redis.stop();
    const client = await openRedis(redis.url);
    await redis.start();
    await vi.waitUntil(() => client.status === "ready", { timeout: 120_000 });
    expect(await client.ping()).toBe("PONG");
    client.disconnect();
  });
});
