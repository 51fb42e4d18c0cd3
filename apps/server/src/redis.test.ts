import { describe, expect, it, vi } from "vitest";
import { redisMissing, startRedis } from "../test/redis/start-redis.ts";
import { openRedis } from "./redis.ts";

describe.skipIf(redisMissing !== undefined)(`a connection to Redis ${redisMissing ?? ""}`, () => {
  it("tells of each loss once, however often it is looked for", async () => {
    await using redis = await startRedis();
    const reasons: string[] = [];
    const client = await openRedis(redis.url, ({ reason }) => reasons.push(reason));
    for (const count of [1, 2]) {
      await vi.waitUntil(() => client.status === "ready", { timeout: 20_000 });
      await redis.stop();
      // Each failed attempt is an error of its own.
      const attempts = vi.fn();
      client.on("reconnecting", attempts);
      await vi.waitUntil(() => attempts.mock.calls.length > 3, { timeout: 20_000 });
      expect(reasons).toHaveLength(count);
      await redis.start();
    }
    client.disconnect();
    expect(reasons).toHaveLength(2);
  });

  it("tells of a server that is not there from the start, and of no connection that we end", async () => {
    await using redis = await startRedis();
    const reasons: string[] = [];
    const report = ({ reason }: { readonly reason: string }) => void reasons.push(reason);
    const client = await openRedis(redis.url, report);
    client.disconnect();
    await vi.waitUntil(() => client.status === "end", 60_000);
    expect(reasons).toEqual([]);
    await redis.stop();
    const other = await openRedis(redis.url, report);
    expect(reasons).toEqual([expect.stringContaining("ECONNREFUSED")]);
    other.disconnect();
  });
});
