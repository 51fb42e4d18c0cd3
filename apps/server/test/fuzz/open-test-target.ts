import { createTestDatabase } from "@obsqra/db/testing";
import { inject } from "vitest";
import { createTestFolder } from "../process/spawn-server.ts";
import { type FuzzTarget, openFuzzTarget } from "./open-fuzz-target.ts";

/** Opens a fuzz target on the engine of the running test project; use with `await using`. */
export async function openTestTarget(): Promise<FuzzTarget> {
  await using parts = new AsyncDisposableStack();
  const isPostgres = inject("databaseEngine") === "postgres";
  const folder = parts.use(await createTestFolder(isPostgres ? "nothing" : "forecasts"));
  const database = isPostgres ? parts.use(await createTestDatabase("forecasts")) : undefined;
  const target = parts.use(await openFuzzTarget(folder.data, database?.url));
  const opened = parts.move();
  return { ...target, [Symbol.asyncDispose]: () => opened.disposeAsync() };
}
