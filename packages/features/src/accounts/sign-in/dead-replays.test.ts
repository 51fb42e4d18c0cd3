import { expect, it } from "vitest";
import { askForReset, codeOf, createTestApi } from "../../testing/index.ts";
import { report } from "../../testing/key-events.ts";

const email = "ada@example.org";
const password = "correct horse battery";
const new_password = "staple that no horse has";
const key = { idempotency_key: "9f1c0a52-keyed-login" };

it("replays no tokens of a login, or of a registration, after the password was reset", async () => {
  await using api = await createTestApi();
  const register = () =>
    api.caller(undefined, key).auth.register({ email, password, full_name: "Ada Lovelace" });
  const login = () => api.caller(undefined, key).auth.login({ email, password });
  for (const call of [register, login]) expect(await call()).toEqual(await call());
  await api.caller().auth.reset_password({ token: await askForReset(api, email), new_password });
  for (const call of [register, login]) expect(await codeOf(call())).toBe("IDEMPOTENCY_REPLY_GONE");
  expect(await codeOf(api.caller().auth.login({ email, password }))).toBe("CREDENTIALS_INVALID");
});

it("replays no tokens of a refresh after the session was ended", async () => {
  await using api = await createTestApi();
  const { access_token, refresh_token } = await api
    .caller()
    .auth.register({ email, password, full_name: "Ada Lovelace" });
  const refresh = () => api.caller(undefined, key).auth.refresh({ refresh_token });
  expect(await refresh()).toEqual(await refresh());
  await api.caller(access_token).auth.logout();
  expect(await codeOf(refresh())).toBe("IDEMPOTENCY_REPLY_GONE");
});

it("replays no API key after it was revoked, by its owner or by a new password", async () => {
  await using api = await createTestApi();
  const { access_token } = await api.caller().auth.register({ email, password, full_name: "Ada Lovelace" });
  const make = (idempotency_key: string) =>
    api.caller(access_token, { idempotency_key }).auth.create_api_key(report);
  const revoked = await make("first-key");
  expect(await make("first-key")).toEqual(revoked);
  await api.caller(access_token).auth.revoke_api_key({ api_key_id: revoked.id });
  expect(await codeOf(make("first-key"))).toBe("IDEMPOTENCY_REPLY_GONE");

  await make("second-key");
  // The session that sets it goes on.
  await api.caller(access_token).auth.change_password({ current_password: password, new_password });
  expect(await codeOf(make("second-key"))).toBe("IDEMPOTENCY_REPLY_GONE");
});
