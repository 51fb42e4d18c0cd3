import type { Adviser } from "@obsqra/ml";
import { expect, it } from "vitest";
import { codeOf, createTestApi, errorOf } from "../../src/testing/index.ts";

const ada = { email: "ada@example.org", password: "correct horse battery", full_name: "Ada" };

it("shows a bug as one fixed message and keeps the original for the log", async () => {
  const original = new Error("select secret from users");
  const fail = () => {
    throw original;
  };
  const optimizer: Adviser = { advise: fail };
  await using api = await createTestApi({ withForecasts: true, optimizer });
  const caller = await api.signUp("ada@example.org");
  const failure = await caller.predictions.run_optimization().catch((error: unknown) => error);
  expect(failure).toMatchObject({
    code: "INTERNAL_SERVER_ERROR",
    message: "Something went wrong on our side. Try again, and quote the request id if it stays.",
    cause: { code: "INTERNAL_ERROR", details: undefined },
  });
  expect(api.logged).toMatchObject([
    {
      facts: {
        err: original,
        request_id: "test-request",
        procedure: "predictions.run_optimization",
      },
    },
  ]);
});

it("does not log what callers do wrong", async () => {
  await using api = await createTestApi();
  const caller = await api.signUp("ada@example.org");
  await codeOf(caller.transactions.get({ tx_hash: "0x1" }));
  await codeOf(caller.transactions.get({ tx_hash: "nonsense" }));
  await codeOf(api.caller().auth.me());
  expect(api.logged).toEqual([]);
});

it("says nothing about the database when it is closed, and logs what it said", async () => {
  await using api = await createTestApi();
  const { access_token } = await api.caller().auth.register(ada);
  await api.deps.db.destroy();
  const failure = await errorOf(api.caller(access_token).users.profile());
  expect(["DATABASE_UNAVAILABLE", "INTERNAL_ERROR"]).toContain(failure?.code);
  expect(failure?.message).not.toMatch(/driver|destroyed|closed|kysely|pool/i);
  expect(api.logged).toHaveLength(1);
});
