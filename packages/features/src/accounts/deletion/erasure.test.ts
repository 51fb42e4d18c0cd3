import { expect, it } from "vitest";
import { codeOf, createTestApi } from "../../testing/index.ts";
import {
  fromDevice,
  password,
  personal,
  scheduleAndWait,
  signUpPlanted,
} from "../../testing/planted-user.ts";
import { eraseDueAccounts } from "./erasure.service.ts";

const dayMs = 24 * 60 * 60_000;
const { signal } = new AbortController();

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
