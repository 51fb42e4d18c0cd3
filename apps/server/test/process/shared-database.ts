import { startPostgres, type TestPostgres } from "@obsqra/db/testing";
import { createTestFolder, type TestFolder } from "./spawn-server.ts";

/** An empty Postgres for several processes, and what each of them is started with. */
export interface SharedDatabase extends AsyncDisposable {
  readonly postgres: TestPostgres;
  readonly folder: TestFolder;
  readonly variables: Readonly<Record<string, string>>;
}

/** @param history of the market file that the processes load, as `TestFolder.market` has it */
export async function startSharedDatabase(
  history: Parameters<TestFolder["market"]>[0],
): Promise<SharedDatabase> {
  await using stack = new AsyncDisposableStack();
  const postgres = stack.use(await startPostgres());
  const folder = stack.use(await createTestFolder());
  const variables = {
    ...(await folder.market(history)),
    DATABASE_URL: postgres.url("postgres"),
    // Otherwise each would make one of its own.
    SECRET_KEY: "4f1c9d27a8b3e650f7d2c41b9e8a7365",
  };
  const kept = stack.move();
  return { postgres, folder, variables, [Symbol.asyncDispose]: () => kept.disposeAsync() };
}
