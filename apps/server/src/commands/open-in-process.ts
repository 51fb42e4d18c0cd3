import type { Connection } from "@obsqra/cli";
import { loadLiveModels } from "@obsqra/features";
import type { FastifyInstance } from "fastify";
import { buildServer } from "../build-server.ts";
import { createDependencies } from "../create-dependencies.ts";
import type { Environment } from "../env.ts";
import { createLogger } from "../logger.ts";
import { openCommandDatabase } from "./command-database.ts";

/**
 * Opens the service on the configured database without listening. It makes no database, and changes no schema: the server does.
 *
 * @throws NoDatabaseError, DataDirectoryLockedError, DatabaseUnavailableError
 */
export async function openInProcess(env: Environment): Promise<Connection & AsyncDisposable> {
  await (await openCommandDatabase(env, { writes: true })).close();
  // Warnings and errors only: the command says the rest.
  const logger = createLogger({ DEBUG: env.DEBUG, ENVIRONMENT: "test" });
  const { api, database, close } = await createDependencies({
    env,
    log: logger,
    clock: () => new Date(),
    fetch,
  });
  await loadLiveModels(api, { horizonDays: env.PREDICTION_WINDOW_DAYS });
  const app = await buildServer({ api, database, env, logger });
  return {
    url: "http://in-process",
    fetch: fetchOf(app),
    async [Symbol.asyncDispose]() {
      await app.close();
      await close();
    },
  };
}

/** A `fetch` that asks a server which does not listen. */
export function fetchOf(app: FastifyInstance): typeof fetch {
  return async (input, init) => {
    const request = new Request(input, init);
    const { pathname, search } = new URL(request.url);
    const response = await app.inject({
      // What a request's method may be, Fastify knows better than its type of it.
      method: request.method as "GET",
      url: `${pathname}${search}`,
      headers: Object.fromEntries(request.headers),
      ...(request.method !== "GET" && { payload: Buffer.from(await request.arrayBuffer()) }),
    });
    const headers = Object.entries(response.headers).flatMap(([name, value]): [string, string][] =>
      value === undefined ? [] : [[name, String(value)]],
    );
    return new Response(response.rawPayload, { status: response.statusCode, headers });
  };
}
