import { listEndpoints, whatIfExample } from "@obsqra/contract";
import type { AllocationOptimizer } from "@obsqra/ml";
import { expect, it } from "vitest";
import { codeOf, createTestApi, errorOf, type TestApi } from "./testing/index.ts";

type AnyCaller = Record<string, Record<string, (input: unknown) => Promise<unknown>>>;

/** Calls a procedure by its name in the contract, with any input. */
function call(api: TestApi, accessToken: string | undefined, path: string, input: unknown): Promise<unknown> {
  const [feature = "", name = ""] = path.split(".");
  // A caller has a function for every endpoint; its types only tell which input each takes.
  const caller = api.caller(accessToken) as unknown as AnyCaller;
  return caller[feature]?.[name]?.(input) ?? Promise.reject(new Error(`There is no procedure ${path}.`));
}

const forUsers = listEndpoints().filter(({ endpoint }) => endpoint.access !== "public");

const ada = { email: "ada@example.org", password: "correct horse battery", full_name: "Ada" };

/** An input that each endpoint accepts; the others take none, or have defaults for all. */
const inputs: Record<string, unknown> = {
  "auth.wallet_challenge": { wallet_address: "0x1" },
  "auth.connect_wallet": {
    wallet_address: "0x1",
    challenge_id: "019bc186-de00-7000-8000-a19af8b2bbf6",
    signature: ["0x1"],
  },
  "users.update_preferences": {},
  "predictions.what_if": whatIfExample,
  "transactions.create": { tx_hash: "0x1", tx_type: "deposit", amount: "1" },
  "transactions.get": { tx_hash: "0x1" },
};

it("answers a bug with one fixed message and keeps the original for the log", async () => {
  const original = new Error("select secret from users");
  const optimizer: AllocationOptimizer = {
    optimize: () => {
      throw original;
    },
  };
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
        err: { cause: original },
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

it("refuses a stranger before it looks at the input, at every endpoint that is not public", async () => {
  await using api = await createTestApi();
  expect(forUsers.length).toBeGreaterThan(0);
  for (const { path } of forUsers) {
    for (const input of [undefined, null, 7, "nonsense", { limit: -1, tx_hash: [] }]) {
      expect([path, await codeOf(call(api, undefined, path, input))]).toEqual([path, "UNAUTHENTICATED"]);
      expect([path, await codeOf(call(api, "forged", path, input))]).toEqual([path, "TOKEN_INVALID"]);
    }
  }
});

it("answers no internal error to the token of a user who is gone, and no data of theirs", async () => {
  await using api = await createTestApi({ withForecasts: true });
  const { access_token } = await api.caller().auth.register(ada);
  await api.deps.db.deleteFrom("users").execute();
  const codes = new Map<string, string | undefined>();
  for (const { path } of forUsers) codes.set(path, await codeOf(call(api, access_token, path, inputs[path])));
  const refusing = [
    "auth.me",
    "auth.wallet_challenge",
    "auth.connect_wallet",
    "users.profile",
    "users.update_preferences",
    "predictions.run_optimization",
    "transactions.create",
  ];
  for (const path of refusing) expect([path, codes.get(path)]).toEqual([path, "TOKEN_INVALID"]);
  expect([...codes.values()]).not.toContain("INTERNAL_ERROR");
  expect([...codes.values()]).not.toContain("VALIDATION_FAILED");
  expect(api.logged).toEqual([]);
});
