import { describe, expect, inject, it } from "vitest";
import { runDuplicateStorm } from "./duplicate-storm.ts";

// It starts a Postgres server of its own, so that once is enough.
describe.runIf(inject("databaseEngine") === "pglite")("duplicates of keyed mutations", () => {
  it("have one effect and one answer each, when a server is killed in the middle of them", {
    timeout: 180_000,
  }, async () => {
    const outcome = await runDuplicateStorm({ duplicates: 200, kills: 1, keys: 8, servers: 2 });
    expect(outcome.cutOff).toBeGreaterThan(0);
    expect(outcome.keys.map(({ calls }) => calls)).toEqual(Array(8).fill(25));
    const once = outcome.keys.map(({ mutation }) => ({ mutation, calls: 25, answers: 1, effects: 1 }));
    expect(outcome.keys).toEqual(once);
  });
});
