import { expect, inject, it } from "vitest";
import { compareOutcomes, compareTables, takeMails } from "./compare-worlds.ts";
import type { Outcome } from "./outcome.ts";
import { runDifferential } from "./run-differential.ts";
import { openWorld, type World } from "./world.ts";

const success: Outcome = {
  status: 201,
  output: '{"id":"1","name":"Ada"}',
  error: undefined,
  headers: { "x-request-id": "7", "retry-after": null },
};

const error = {
  code: "TOO_MANY_ATTEMPTS",
  message: "Try again in 4 seconds.",
  details: { retry_after_seconds: 4 },
  request_id: "7",
};
const failure: Outcome = {
  status: 429,
  output: undefined,
  error,
  headers: { "x-request-id": "7", "retry-after": "4" },
};

const planted: [what: string, left: Outcome, right: Outcome, found: string][] = [
  ["a refusal where the other succeeds", success, failure, "The status differs."],
  ["another status of a refusal", failure, { ...failure, status: 400 }, "The status differs."],
  [
    "another error code",
    failure,
    { ...failure, error: { ...error, code: "RATE_LIMITED" } },
    "The error differs.",
  ],
  ["another message", failure, { ...failure, error: { ...error, message: "" } }, "The error differs."],
  ["missing details", failure, { ...failure, error: { ...error, details: undefined } }, "The error differs."],
  ["another request id", failure, { ...failure, error: { ...error, request_id: "8" } }, "The error differs."],
  ["a missing field", success, { ...success, output: '{"id":"1"}' }, "The output differs."],
  [
    "another order of fields",
    success,
    { ...success, output: '{"name":"Ada","id":"1"}' },
    "The output differs.",
  ],
  ["a missing output", success, { ...success, output: undefined }, "The output differs."],
  ["a missing header", failure, { ...failure, headers: { "x-request-id": "7" } }, "A header differs."],
];

/** Only in the long form: what it shows costs more than it could find in most changes. */
const long = it.runIf(inject("isLong"));

it.each(planted)("notices %s", (_, left, right, found) => {
  const compare = (...outcomes: Outcome[]) =>
    compareOutcomes(
      outcomes.map((outcome, index) => ({ world: { name: index === 0 ? "REST" : "tRPC" }, outcome })),
    );
  expect(() => compare(left, right)).toThrow(found);
  expect(() => compare(right, left)).toThrow(found);
  expect(() => compare(left, left)).not.toThrow();
});

it("takes every success for the same, whatever its status is on REST", () => {
  const outcomes = [201, 200].map((status) => ({
    world: { name: "REST" as const },
    outcome: { ...success, status },
  }));
  expect(() => compareOutcomes(outcomes)).not.toThrow();
});

long(
  "notices a missing mail, another value in a row, a missing row and one too many, in whichever table",
  {
    timeout: 180_000,
  },
  async () => {
    await using rest = await openWorld("REST");
    await using trpc = await openWorld("tRPC");
    const worlds = [rest, trpc];
    for (const { api } of worlds) await api.signUp("ada@example.org");
    await expect(compareTables(worlds)).resolves.toBeUndefined();
    const { db } = trpc.api.deps;

    await db.deleteFrom("email_outbox").execute();
    await expect(compareTables(worlds)).rejects.toThrow("The table email_outbox differs.");
    await expect(takeMails(worlds)).rejects.toThrow("The outbox differs.");

    await expect(compareTables(worlds)).resolves.toBeUndefined();
    await db.updateTable("users").set({ full_name: "Eve" }).execute();
    await expect(compareTables(worlds)).rejects.toThrow(/The table users differs.*Ada.*Eve/s);
    await db.updateTable("users").set({ full_name: "Ada" }).execute();

    await expect(compareTables(worlds)).resolves.toBeUndefined();
    await db.deleteFrom("auth_refresh_tokens").execute();
    await expect(compareTables(worlds)).rejects.toThrow("The table auth_refresh_tokens differs.");
    await rest.api.deps.db.deleteFrom("auth_refresh_tokens").execute();

    await expect(compareTables(worlds)).resolves.toBeUndefined();
    await trpc.api.signUp("eve@example.org");
    await expect(compareTables(worlds)).rejects.toThrow("differs.");
  },
);

long("stops at a difference, and says what was asked before", { timeout: 180_000 }, async () => {
  await using rest = await openWorld("REST");
  await using trpc = await openWorld("tRPC");
  const spoilt: World = {
    ...trpc,
    call: async (call) => {
      const outcome = await trpc.call(call);
      return outcome && { ...outcome, status: call.named.path === "auth.me" ? 500 : outcome.status };
    },
  };
  const { difference } = await runDifferential([rest, spoilt], { seeds: [1], callsPerSeed: 150 });
  expect(difference).toMatch(/The status differs.\n {2}REST: success\n {2}tRPC: 500\nThe last calls:\n/);
  expect(difference).toMatch(/\n {2}\d+ auth\.me as \S+$/);
});
