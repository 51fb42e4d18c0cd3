import { mkdtempDisposable } from "node:fs/promises";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ApiDependencies } from "@obsqra/features";
import { createCaller } from "@obsqra/features";
import { buildServer } from "../src/build-server.ts";
import { createDependencies } from "../src/create-dependencies.ts";
import { readEnvironment } from "../src/env.ts";
import { createLogger } from "../src/logger.ts";

/** A server with an embedded database on disk, as it starts by default, but without models. */
export interface AccountsServer extends AsyncDisposable {
  readonly api: ApiDependencies;
  readonly url: string;
  /** Calls procedures without HTTP. */
  caller(accessToken?: string): ReturnType<typeof createCaller>;
}

export async function startAccountsServer(): Promise<AccountsServer> {
  const folder = await mkdtempDisposable(join(tmpdir(), "obsqra-bench-"));
  const env = readEnvironment({
    ENVIRONMENT: "test",
    DATA_DIRECTORY: folder.path,
    MARKET_SOURCE: "simulated",
    // One machine asks for everybody.
    RATE_LIMITS: "false",
    // So that the logins of a storm can come from many places.
    TRUSTED_PROXIES: "127.0.0.1",
  });
  const logger = createLogger(env, { write: () => {} });
  const { api, database, close } = await createDependencies({
    env,
    log: logger,
    clock: () => new Date(),
    fetch,
  });
  const app = await buildServer({ api, database, env, logger });
  await app.listen({ host: "127.0.0.1", port: 0 });
  const { port } = app.server.address() as AddressInfo;
  return {
    api,
    url: `http://127.0.0.1:${port}`,
    caller: (accessToken) => {
      const request = { id: "bench", access_token: accessToken, ip: "127.0.0.1", user_agent: "bench" };
      return createCaller({ ...api, request });
    },
    [Symbol.asyncDispose]: async () => {
      await app.close();
      await close();
      await folder.remove();
    },
  };
}
