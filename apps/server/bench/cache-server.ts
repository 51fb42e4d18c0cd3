import type { AddressInfo } from "node:net";
import type { ApiDependencies } from "@obsqra/features";
import { createCaller, importDataset, registerProtocols } from "@obsqra/features";
import { loadCsv } from "@obsqra/features/testing";
import type { ResponseCache } from "@obsqra/platform";
import { createResponseCache, createSharedCache } from "@obsqra/platform";
import { insertOutcomes } from "../../../packages/features/bench/insert-outcomes.ts";
import { fixtureCsv } from "../../../packages/market/src/testing/fixture-csv.ts";
import { buildServer } from "../src/build-server.ts";
import { createDependencies } from "../src/create-dependencies.ts";
import { readEnvironment } from "../src/env.ts";
import { createLogger } from "../src/logger.ts";

export const markets = 100;
export const protocols = 20;
export const historyDays = 120;
export const forecasts = 40_000;

/** A server with market history and forecasts that came true, and one user. */
export interface CacheServer extends AsyncDisposable {
  readonly api: ApiDependencies;
  readonly url: string;
  readonly accessToken: string;
  /** Calls procedures without HTTP, as the user, with this cache. */
  callerWith(cache: ResponseCache): ReturnType<typeof createCaller>;
  /** A process of its own: memory that nothing is in yet, before the table. */
  newProcess(): ResponseCache;
}

/** @param database environment variables that say where it is */
export async function startCacheServer(database: Readonly<Record<string, string>>): Promise<CacheServer> {
  const env = readEnvironment({
    ENVIRONMENT: "test",
    MARKET_SOURCE: "simulated",
    RATE_LIMITS: "false",
    ...database,
  });
  const logger = createLogger(env, { write: () => {} });
  const dependencies = await createDependencies({ env, log: logger, clock: () => new Date(), fetch });
  const api = { ...dependencies.api, marketSource: "file:history.csv" };
  await registerProtocols(api);
  const csv = fixtureCsv({ shape: "dex", markets, protocols, days: historyDays, seed: 1 });
  await importDataset(api, await loadCsv(csv, api));
  await insertOutcomes(api, forecasts / protocols / 2);
  const app = await buildServer({ api, database: dependencies.database, env, logger });
  await app.listen({ host: "127.0.0.1", port: 0 });
  const { port } = app.server.address() as AddressInfo;
  const callerWith = (cache: ResponseCache, access_token?: string) =>
    createCaller({
      ...api,
      cache,
      request: { id: "bench", access_token, ip: "127.0.0.1", user_agent: "bench" },
    });
  const account = { email: "ada@example.org", password: "correct horse battery staple", full_name: "Ada" };
  const { access_token } = await callerWith(api.cache).auth.register(account);
  return {
    api,
    url: `http://127.0.0.1:${port}`,
    accessToken: access_token,
    callerWith: (cache) => callerWith(cache, access_token),
    newProcess: () =>
      createResponseCache({ log: logger, shared: createSharedCache({ ...api, log: logger }) }),
    [Symbol.asyncDispose]: async () => {
      await app.close();
      await dependencies.close();
    },
  };
}
