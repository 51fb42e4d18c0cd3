import { createCallTurns } from "@obsqra/platform";
import { afterAll, beforeAll, expect, it } from "vitest";
import { callerWith, createTestApi, errorOf, type TestApi } from "../testing/index.ts";

const kibibyte = 1024;
const quotas = { free: 64 * kibibyte, pro: 1024 * kibibyte };

let api: TestApi;

beforeAll(async () => {
  api = await createTestApi({ withForecasts: true, storageQuotas: quotas });
});
afterAll(() => api[Symbol.asyncDispose]());

/** More than a suggestion takes. */
const largestRecord = 6 * kibibyte;
/** Details of about a kibibyte. */
const details = { note: "x".repeat(kibibyte) };

function log(caller: Awaited<ReturnType<TestApi["signUp"]>>, number: number) {
  return caller.transactions.create({
    tx_hash: `0x${number.toString(16)}`,
    tx_type: "deposit",
    amount: "1",
    details,
  });
}

it("refuses what goes beyond the plan's room, says so, and stores nothing", async () => {
  const ada = await api.signUp();
  expect((await ada.users.usage()).storage).toEqual({ records: 0, bytes: 0, quota_bytes: quotas.free });
  let logged = 0;
  let refusal: Awaited<ReturnType<typeof errorOf>>;
  while (refusal === undefined && logged < 100) {
    refusal = await errorOf(log(ada, logged + 1));
    if (refusal === undefined) logged += 1;
  }
  const { storage } = await ada.users.usage();
  expect(refusal).toMatchObject({
    code: "STORAGE_FULL",
    details: { quota_bytes: quotas.free, stored_bytes: storage.bytes },
  });
  expect(storage.records).toBe(logged);
  expect((await ada.transactions.list({ limit: 100 })).items).toHaveLength(logged);
  // By one record at most: what was stored before counts.
  expect(storage.bytes).toBeGreaterThanOrEqual(quotas.free);
  expect(storage.bytes).toBeLessThan(quotas.free + 2 * kibibyte);
  expect((await errorOf(ada.predictions.run_optimization()))?.code).toBe("STORAGE_FULL");
  expect((await ada.predictions.rebalance_suggestions()).items).toEqual([]);
});

it("lets no more through by many calls at once than by one after the other, whatever they store", async () => {
  const email = `${api.deps.createId()}@example.org`;
  const { access_token } = await api
    .caller()
    .auth.register({ email, password: "correct horse battery", full_name: "Ada" });
  // As in many processes, which do not know how many calls of an owner the others are running.
  const ada = callerWith(api, { callTurns: createCallTurns({ atOnce: 40 }) }, access_token);
  await log(ada, 1);
  const refusals = await Promise.all(
    Array.from({ length: 90 }, (_, number) =>
      errorOf(number % 10 === 0 ? ada.predictions.run_optimization() : log(ada, number + 2)),
    ),
  );
  expect(new Set(refusals.map((refusal) => refusal?.code))).toEqual(new Set([undefined, "STORAGE_FULL"]));
  const { bytes } = (await ada.users.usage()).storage;
  expect(bytes).toBeGreaterThanOrEqual(quotas.free);
  expect(bytes).toBeLessThan(quotas.free + largestRecord);
});

it("counts transactions and suggestions of each owner apart", async () => {
  const [ada, eve] = [await api.signUp(), await api.signUp()];
  await log(ada, 1);
  await ada.predictions.run_optimization();
  await Promise.all(Array.from({ length: 10 }, (_, number) => log(eve, number + 1)));
  expect((await ada.users.usage()).storage.records).toBe(2);
  expect((await eve.users.usage()).storage).toMatchObject({ records: 10 });
});

it("counts nothing of what was refused, nor twice what is repeated", async () => {
  const email = `${api.deps.createId()}@example.org`;
  const tokens = await api
    .caller()
    .auth.register({ email, password: "correct horse battery", full_name: "Ada" });
  const caller = callerWith(api, {}, tokens.access_token, "the-same-key");
  await log(caller, 1);
  await log(caller, 1);
  const ada = api.caller(tokens.access_token);
  expect((await errorOf(log(ada, 1)))?.code).toBe("TRANSACTION_ALREADY_LOGGED");
  expect((await ada.users.usage()).storage.records).toBe(1);
});

it("gives a larger plan its room", async () => {
  const email = `${api.deps.createId()}@example.org`;
  const { access_token } = await api.caller().auth.register({
    email,
    password: "correct horse battery",
    full_name: "Ada",
  });
  await api.deps.db.updateTable("users").set({ plan: "pro" }).where("email", "=", email).execute();
  expect((await api.caller(access_token).users.usage()).storage.quota_bytes).toBe(quotas.pro);
});
