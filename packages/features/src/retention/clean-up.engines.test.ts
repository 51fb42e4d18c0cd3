import { expect, it } from "vitest";
import { countRows } from "../testing/count-rows.ts";
import { createTestApi } from "../testing/index.ts";
import { cleanUp } from "./clean-up.service.ts";

const { signal } = new AbortController();

it("deletes more than a batch, also beside another server that does the same", async () => {
  await using api = await createTestApi();
  const now = api.clock();
  const rows = Array.from({ length: 2500 }, (_, number) => ({
    key: new Uint8Array([number >> 8, number & 255]),
    attempts: 1,
    next_attempt_at: now,
    reset_at: now,
  }));
  await api.deps.db.insertInto("auth_throttle").values(rows).execute();
  const cleaned = await Promise.all([cleanUp(api.deps, signal), cleanUp(api.deps, signal)]);
  expect(cleaned.reduce((sum, { rows_cleared }) => sum + rows_cleared, 0)).toBe(2500);
  expect(await countRows(api, "auth_throttle")).toBe(0);
});
