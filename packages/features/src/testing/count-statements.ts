import type { KyselyPlugin } from "kysely";
import { createCaller } from "../root.ts";
import type { TestApi } from "./create-test-api.ts";

/** Counts the statements that a call sends to the database. For tests. */
export async function countStatements(
  { deps }: Pick<TestApi, "deps">,
  call: (caller: ReturnType<typeof createCaller>) => Promise<unknown>,
): Promise<number> {
  let count = 0;
  const counter: KyselyPlugin = {
    transformQuery: ({ node }) => {
      count += 1;
      return node;
    },
    transformResult: async ({ result }) => result,
  };
  const request = { id: "test", access_token: undefined, ip: "127.0.0.1", user_agent: "test" };
  await call(createCaller({ ...deps, db: deps.db.withPlugin(counter), request }));
  return count;
}
