import { describe, expect, inject, it } from "vitest";
import { runDuplicateStorm } from "./duplicate-storm.ts";

const { keys, kills } = inject("isLong") ? { keys: 20, kills: 3 } : { keys: 8, kills: 1 };

// It starts a Postgres server of its own, so that once is enough.
describe.runIf(inject("databaseEngine") === "pglite")("duplicates of keyed mutations", () => {
  it("have one effect and one reply each, when a server is killed in the middle of them", {
    timeout: 600_000,
  }, async () => {
    const outcome = await runDuplicateStorm({ duplicates: 25 * keys, kills, keys, servers: 2 });
    expect(outcome.cutOff).toBeGreaterThan(0);
    expect(outcome.keys).toHaveLength(keys * kills);
    const once = outcome.keys.map(({ mutation }) => ({ mutation, calls: 25, replies: 1, effects: 1 }));
    expect(outcome.keys).toEqual(once);
  });
});
