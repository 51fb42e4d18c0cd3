import { holdTransaction, waitForEvents } from "@obsqra/db/testing";
import { sql } from "kysely";
import { expect, it } from "vitest";
import { createTestApi } from "../../src/testing/index.ts";

it("serves whoever reads something else while the writes of any number of users wait for a locked table", async () => {
  await using api = await createTestApi();
  const eve = await api.signUp();
  // With the lock, they leave one of the five connections of a test.
  const users = await Promise.all(Array.from({ length: 3 }, () => api.signUp()));
  await waitForEvents(api.deps.db);
  await using held = await holdTransaction(api.deps.db, (trx) =>
    sql`lock table transactions in share mode`.execute(trx),
  );
  const writes = users.flatMap((user) =>
    Array.from({ length: 6 }, (_, index) =>
      user.transactions.create({ tx_hash: `0x${index + 1}`, tx_type: "deposit", amount: "1" }),
    ),
  );
  let written = 0;
  const settled = Promise.allSettled(writes.map((write) => write.then(() => (written += 1))));
  try {
    await held.waitUntilWanted();
    for (let read = 0; read < 3; read += 1) {
      expect(await eve.users.profile()).toMatchObject({ full_name: "Ada" });
    }
    expect(written).toBe(0);
  } finally {
    await held.release();
    await settled;
  }
  expect(written).toBeGreaterThan(0);
});
