import { waitForEvents } from "@obsqra/db/testing";
import { writeLog } from "../receipts/log/write-log.service.ts";
import type { TestApi } from "./create-test-api.ts";

/** Writes everything that has happened to the log: also what the writer would leave for its next turn while others' transactions run. */
export async function writeWholeLog({ deps }: Pick<TestApi, "deps">): ReturnType<typeof writeLog> {
  await waitForEvents(deps.db);
  return writeLog(deps, new AbortController().signal);
}
