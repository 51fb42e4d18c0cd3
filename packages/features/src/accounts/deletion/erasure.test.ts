import { expect, it } from "vitest";
import { createCaller } from "../../root.ts";
import { codeOf, createTestApi, type TestApi } from "../../testing/index.ts";
import { eraseDueAccounts } from "./erasure.service.ts";

const dayMs = 24 * 60 * 60_000;
const { signal } = new AbortController();
const password = "correct horse battery";

/** What must not be left anywhere. */
const personal = {
  email: "planted-address@example.org",
  full_name: "Planted Fullname",
  ip: "198.51.100.77",
  user_agent: "PlantedBrowser/7",
  wallet_address: `0x${"0".repeat(53)}91a27edada1`,
  key_name: "Planted key name",
};

/** A caller whose requests come from the planted device. */
function fromDevice({ deps }: TestApi, accessToken?: string) {
  const { ip, user_agent } = personal;
  return createCaller({
    ...deps,
    request: { id: "test-request", access_token: accessToken, ip, user_agent },
  });
}

/** A user with something personal in every table that has room for it. */
async function signUpPlanted(api: TestApi) {
  const { email, full_name, wallet_address, key_name, ip, user_agent } = personal;
  const tokens = await fromDevice(api).auth.register({ email, full_name, password });
  const caller = fromDevice(api, tokens.access_token);
  const { id } = await caller.auth.me();
  const { db, clock } = api.deps;
  await db.updateTable("users").set({ wallet_address }).where("id", "=", id).execute();
  await db
    .insertInto("user_wallets")
    .values({
      address: wallet_address,
      user_id: id,
      state: "deployed",
      signed_hash: null,
      signature: null,
      linked_at: clock(),
      checked_at: clock(),
    })
    .execute();
  await codeOf(fromDevice(api).auth.login({ email, password: "a wrong password" }));
  const { key } = await caller.auth.create_api_key({ name: key_name, scopes: ["users:read"] });
  const keyed = createCaller({
    ...api.deps,
    request: { id: "test-request", access_token: tokens.access_token, ip, user_agent, idempotency_key: "k" },
  });
  await keyed.users.update_profile({ full_name });
  await caller.users.update_preferences({ preferred_protocols: ["nostra"] });
  await caller.transactions.create({ tx_hash: "0x1", tx_type: "deposit", amount: "1" });
  await caller.transactions.create({
    tx_hash: "0x2",
    tx_type: "allocate",
    amount: "1",
    allocation: { nostra: 100 },
  });
  await fromDevice(api).auth.request_password_reset({ email });
  await caller.auth.request_email_change({ new_email: `new-${email}` });
  return { id, caller, tokens, key };
}

async function scheduleAndWait(api: TestApi): Promise<void> {
  const { email } = personal;
  const tokens = await fromDevice(api).auth.login({ email, password });
  await fromDevice(api, tokens.access_token).users.schedule_deletion();
  api.clock.advance(14 * dayMs);
}

it("refuses every token, key and password of an erased account", async () => {
  await using api = await createTestApi();
  const { caller, tokens, key } = await signUpPlanted(api);
  await scheduleAndWait(api);
  const { email } = personal;
  const late = await fromDevice(api).auth.login({ email, password });
  await eraseDueAccounts(api.deps, signal);
  for (const token of [tokens.access_token, late.access_token]) {
    expect(await codeOf(api.caller(token).users.profile())).toMatch(/^TOKEN_/);
  }
  expect(await codeOf(caller.users.profile())).toMatch(/^TOKEN_/);
  expect(await codeOf(api.caller(key).users.profile())).toBe("API_KEY_INVALID");
  expect(await codeOf(api.caller().auth.refresh(late))).toBe("REFRESH_TOKEN_INVALID");
  expect(await codeOf(api.caller().auth.login({ email, password }))).toBe("CREDENTIALS_INVALID");
});

it("lets the address of an erased account be registered anew, as another account", async () => {
  await using api = await createTestApi();
  const { id } = await signUpPlanted(api);
  await scheduleAndWait(api);
  await eraseDueAccounts(api.deps, signal);
  const again = await api.signUp(personal.email);
  const profile = await again.users.profile();
  expect(profile).toMatchObject({ email: personal.email, wallet_address: null });
  expect(profile.id).not.toBe(id);
  expect(await again.transactions.list()).toEqual({ items: [], next_cursor: null });
});

it("erases nothing before its time, nothing that was cancelled, and nobody else", async () => {
  await using api = await createTestApi();
  await signUpPlanted(api);
  const eve = await api.signUp("eve@example.org");
  const { email } = personal;
  const signIn = async () =>
    fromDevice(api, (await fromDevice(api).auth.login({ email, password })).access_token);
  await (await signIn()).users.schedule_deletion();
  api.clock.advance(14 * dayMs - 1);
  expect(await eraseDueAccounts(api.deps, signal)).toBe(0);
  const ada = await signIn();
  await ada.users.cancel_deletion();
  api.clock.advance(1);
  expect(await eraseDueAccounts(api.deps, signal)).toBe(0);
  expect(await ada.users.profile()).toMatchObject({ email, full_name: personal.full_name });
  await ada.users.schedule_deletion();
  api.clock.advance(14 * dayMs);
  expect(await eraseDueAccounts(api.deps, signal)).toBe(1);
  expect(await codeOf(eve.users.profile())).toBe("TOKEN_EXPIRED");
  const login = await api.caller().auth.login({ email: "eve@example.org", password });
  expect(await api.caller(login.access_token).users.profile()).toMatchObject({ full_name: "Ada" });
});

it("begins no further account once it is told to stop", async () => {
  await using api = await createTestApi();
  await (await api.signUp()).users.schedule_deletion();
  api.clock.advance(14 * dayMs);
  expect(await eraseDueAccounts(api.deps, AbortSignal.abort())).toBe(0);
});

it("lets nobody stand in the way of an erasure by taking the address that it leaves behind", async () => {
  await using api = await createTestApi();
  const eve = await api.signUp("eve@example.org");
  const { id } = await eve.auth.me();
  for (const email of [`erased ${id}`, `erased-${id}`, `${id}@erased.invalid`]) {
    await codeOf(api.caller().auth.register({ email, password, full_name: "In the way" }));
  }
  await eve.users.schedule_deletion();
  api.clock.advance(14 * dayMs);
  expect(await eraseDueAccounts(api.deps, signal)).toBe(1);
  const left = api.deps.db.selectFrom("users").select("email").where("erased_at", "is not", null);
  const [erased] = await left.execute();
  const email = erased?.email ?? "";
  expect(await codeOf(api.caller().auth.register({ email, password, full_name: "Eve" }))).toBe(
    "VALIDATION_FAILED",
  );
});

// PGlite has one connection: nothing happens at once there.
