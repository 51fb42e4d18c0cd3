import { createCaller } from "@obsqra/features";
import type { RequestFacts } from "@obsqra/platform";
import { createDependencies, type ServerDependencies } from "../../src/create-dependencies.ts";
import { readEnvironment } from "../../src/env.ts";
import type { TestFolder } from "./spawn-server.ts";

/** What a server has open, without market data and models. */
export async function openServer(
  folder: TestFolder,
  variables: Record<string, string>,
): Promise<ServerDependencies> {
  const log = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };
  const env = readEnvironment({ DATA_DIRECTORY: folder.data, MARKET_SOURCE: "simulated", ...variables });
  return createDependencies({ env, log, clock: () => new Date(), fetch });
}

/** Registers a user and gives a caller for them. */
export async function signUp({ api }: Pick<ServerDependencies, "api">, email: string) {
  const request: RequestFacts = { id: "1", access_token: undefined, ip: undefined, user_agent: undefined };
  const { access_token } = await createCaller({ ...api, request }).auth.register({
    email,
    password: "correct horse battery",
    full_name: "Ada",
  });
  return createCaller({ ...api, request: { ...request, access_token } });
}
