import { migrate, openDatabase } from "@obsqra/db";
import { importDataset, registerProtocols } from "@obsqra/features";
import { createSimulatedSource } from "@obsqra/market";
import { createResponseCache } from "@obsqra/platform";
import { expect, it } from "vitest";
import { send, startTestServer, type TestServer, type TestServerOptions } from "./start-test-server.ts";

/** A server with a month of simulated history, which is the same each time. */
async function startWithHistory(options: TestServerOptions = {}): Promise<TestServer> {
  const server = await startTestServer(options);
  const deps = { ...server.api.deps, ...options.deps };
  await registerProtocols(deps);
  await importDataset(deps, await createSimulatedSource({ seed: 1, clock: deps.clock, days: 30 }).load());
  return server;
}

/** A server with the same history on the embedded database. */
async function startEmbedded(): Promise<TestServer> {
  const database = await openDatabase({ snapshot: undefined });
  await migrate(database.db);
  const log = { warn: () => {} };
  const server = await startWithHistory({ deps: { db: database.db, cache: createResponseCache({ log }) } });
  return {
    ...server,
    [Symbol.asyncDispose]: async () => {
      await server[Symbol.asyncDispose]();
      await database.close();
    },
  };
}

it("a tag is the same from Postgres as from the embedded database", async () => {
  await using server = await startWithHistory();
  await using embedded = await startEmbedded();
  const tagOf = async ({ url, signUp }: TestServer, path: string) => {
    const { status, headers } = await send(url, {
      path,
      headers: await signUp(`${path.length}@example.org`),
    });
    expect(status).toBe(200);
    return headers.get("etag");
  };
  const riskHistory = "/api/v1/analytics/risk-history";
  for (const path of [riskHistory, `${riskHistory}?granularity=market`, "/api/v1/analytics/dashboard"]) {
    expect([path, await tagOf(server, path)]).toEqual([path, await tagOf(embedded, path)]);
  }
});
