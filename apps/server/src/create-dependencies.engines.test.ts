import { mkdtempDisposable } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createTestDatabase, startProxy } from "@obsqra/db/testing";
import { type ApiDependencies, rotateLogKey } from "@obsqra/features";
import { describe, expect, inject, it, vi } from "vitest";
import { redisMissing, startRedis } from "../test/redis/start-redis.ts";
import { createDependencies } from "./create-dependencies.ts";
import { readEnvironment } from "./env.ts";

/** What a server has open, and what it warned of. */
async function open(variables: Record<string, string>) {
  const folder = await mkdtempDisposable(join(tmpdir(), "obsqra-dependencies-"));
  const env = readEnvironment({ DATA_DIRECTORY: folder.path, MARKET_SOURCE: "simulated", ...variables });
  const warned: { facts: object; message: string }[] = [];
  const warn = (facts: object, message: string) => void warned.push({ facts, message });
  const log = { debug: () => {}, info: () => {}, warn, error: () => {} };
  const { api, close } = await createDependencies({ env, log, clock: () => new Date(), fetch });
  const countUsers = () => api.db.selectFrom("users").select("id").execute();
  const dispose = async () => {
    await close();
    await folder.remove();
  };
  return { warned, countUsers, [Symbol.asyncDispose]: dispose };
}

it("says at a start that the log stands still, whose key was sealed with a secret that is not known any more", async () => {
  await using database = await createTestDatabase();
  await using folder = await mkdtempDisposable(join(tmpdir(), "obsqra-dependencies-"));
  // The embedded engine's database is in the folder, the other one beside it.
  const place = { DATA_DIRECTORY: folder.path, ...(database.url && { DATABASE_URL: database.url }) };
  const [first, second] = ["4f1c9d27a8b3e650f7d2c41b9e8a7365", "8a7365b3e650f7d2c41b9e4f1c9d27a8"];
  const messages = async (keys: Record<string, string>, act?: (api: ApiDependencies) => Promise<unknown>) => {
    const env = readEnvironment({ MARKET_SOURCE: "simulated", ...place, ...keys });
    const warned: string[] = [];
    const warn = (_facts: object, message: string) => void warned.push(message);
    const log = { debug: () => {}, info: () => {}, warn, error: () => {} };
    const { api, close } = await createDependencies({ env, log, clock: () => new Date(), fetch });
    await act?.(api).finally(close);
    if (act === undefined) await close();
    return warned.filter((message) => message.includes("transparency log"));
  };
  expect(await messages({ SECRET_KEY: first }, rotateLogKey)).toEqual([]);
  expect(await messages({ SECRET_KEY: second })).toEqual([expect.stringContaining("stands still")]);
  // As docs/security.md says what to do when a secret has leaked.
  const both = { SECRET_KEY: second, PREVIOUS_SECRET_KEYS: first };
  expect(await messages(both, rotateLogKey)).toEqual([]);
  expect(await messages({ SECRET_KEY: second })).toEqual([]);
});

describe.runIf(inject("databaseEngine") === "postgres")("a server on Postgres", () => {
  it("logs once that idle connections were lost, without credentials, and goes on", async () => {
    await using database = await createTestDatabase();
    await using proxy = await startProxy(database.url ?? "");
    await using server = await open({ DATABASE_URL: proxy.url });
    await Promise.all([server.countUsers(), server.countUsers()]);
    proxy.cut();
    await vi.waitUntil(() => server.warned.length > 0, 10_000);
    expect(await server.countUsers()).toEqual([]);
    expect(server.warned).toEqual([
      {
        facts: { code: undefined, reason: "Connection terminated unexpectedly" },
        message: "An idle connection to the database was lost.",
      },
    ]);
  });

  it.skipIf(redisMissing !== undefined)("logs once that Redis was lost, and goes on", async () => {
    await using database = await createTestDatabase();
    await using redis = await startRedis();
    await using server = await open({ DATABASE_URL: database.url ?? "", REDIS_URL: redis.url });
    expect(server.warned).toEqual([]);
    await redis.stop();
    await vi.waitUntil(() => server.warned.length > 0, 10_000);
    expect(await server.countUsers()).toEqual([]);
    const facts = { reason: expect.not.stringContaining("redis://") };
    expect(server.warned).toEqual([{ facts, message: "The connection to Redis was lost." }]);
  });
});
