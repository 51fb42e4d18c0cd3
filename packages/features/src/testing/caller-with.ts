import type { ApiDependencies } from "../dependencies.ts";
import { createCaller } from "../root.ts";
import type { TestApi } from "./create-test-api.ts";

/** A caller for whom something of the API's dependencies is different. */
export function callerWith(
  { deps }: TestApi,
  changes: Partial<ApiDependencies>,
  access_token?: string,
  idempotency_key?: string,
): ReturnType<typeof createCaller> {
  const request = { id: "test-request", access_token, idempotency_key, ip: "127.0.0.1", user_agent: "test" };
  return createCaller({ ...deps, ...changes, request });
}
