import type { RequestFacts } from "@obsqra/platform";
import type { TestApi } from "./create-test-api.ts";

type AnyCaller = Record<string, Record<string, (input: unknown) => Promise<unknown>>>;

/** Calls a procedure by its name in the contract, with any input. */
export function callProcedure(
  api: TestApi,
  accessToken: string | undefined,
  path: string,
  input?: unknown,
  from?: Partial<RequestFacts>,
): Promise<unknown> {
  const [feature = "", name = ""] = path.split(".");
  // A caller has a function for every endpoint; its types only tell which input each takes.
  const caller = api.caller(accessToken, from) as AnyCaller;
  return caller[feature]?.[name]?.(input) ?? Promise.reject(new Error(`There is no procedure ${path}.`));
}
