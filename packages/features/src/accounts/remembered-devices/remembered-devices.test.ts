/** Faults of others, where a test has the number of an issue in its name. */
import { expect, it } from "vitest";
import {
  askForReset,
  codeOf,
  createTestApi,
  eventTypes,
  readMails,
  readNewestToken,
  signUpWithTotp,
  startLogin,
  type TestApi,
  type TestApp,
} from "../../testing/index.ts";

const email = "ada@example.org";
const password = "correct horse battery";
const new_password = "staple that no horse has";
const dayMs = 86_400_000;

/** Signs in with a code, and has the device remembered. */
async function remember(api: TestApi, app: TestApp, of = email) {
  const { auth } = api.caller();
  const challenge = await startLogin(auth, of);
  const completed = await auth.complete_login({ challenge, code: app.code(), remember_device: true });
  api.clock.advance(60_000);
  return { device_token: completed.device_token ?? "", caller: api.caller(completed.access_token) };
}

const logInFrom = (api: TestApi, device_token: string, of = email) =>
  api.caller().auth.login({ email: of, password, device_token });

it("better-auth#2728: stands in for the second factor at every sign-in for 30 days", async () => {
  await using api = await createTestApi();
  const { app } = await signUpWithTotp(api, email);
  const { device_token } = await remember(api, app);
  for (let day = 1; day < 30; day += 7) {
    await logInFrom(api, device_token);
    api.clock.advance(7 * dayMs);
  }
  expect(await codeOf(logInFrom(api, device_token))).toBe("SECOND_FACTOR_REQUIRED");
});

it("better-auth#7644: ends on the server after 30 days, and when the second factor is turned off", async () => {
  await using api = await createTestApi();
  const { app } = await signUpWithTotp(api, email);
  const first = await remember(api, app);
  api.clock.advance(30 * dayMs);
  expect(await codeOf(logInFrom(api, first.device_token))).toBe("SECOND_FACTOR_REQUIRED");
  const { device_token, caller } = await remember(api, app);
  await caller.auth.turn_off_second_factor({ code: app.code() });
  expect(device_token).toMatch(/^[\w-]{43}$/);
  expect(await api.deps.db.selectFrom("remembered_devices").select("id").execute()).toEqual([]);
});

it("authy-devise#58: stands in for nobody else's second factor", async () => {
  await using api = await createTestApi();
  const eve = await signUpWithTotp(api, "eve@example.org");
  const { device_token } = await remember(api, eve.app, "eve@example.org");
  await signUpWithTotp(api, email);
  expect(await codeOf(logInFrom(api, device_token))).toBe("SECOND_FACTOR_REQUIRED");
  await logInFrom(api, device_token, "eve@example.org");
});

it("takes the password all the same, and gives no recent session", async () => {
  await using api = await createTestApi();
  const { app } = await signUpWithTotp(api, email);
  const { device_token } = await remember(api, app);
  const wrong = api.caller().auth.login({ email, password: "wrong", device_token });
  expect(await codeOf(wrong)).toBe("CREDENTIALS_INVALID");
  const { access_token } = await logInFrom(api, device_token);
  const caller = api.caller(access_token);
  expect(await codeOf(caller.auth.logout_everywhere())).toBe("REAUTHENTICATION_NEEDED");
  const change = { current_password: password, new_password };
  expect(await codeOf(caller.auth.change_password(change))).toBe("REAUTHENTICATION_NEEDED");
  const recent = await caller.auth.reauthenticate({ code: app.code() });
  await api.caller(recent.access_token).auth.change_password(change);
});

it("is listed, told by mail, and forgotten when its owner says so", async () => {
  await using api = await createTestApi();
  const { app } = await signUpWithTotp(api, email);
  const { device_token, caller } = await remember(api, app);
  expect((await readMails(api)).map(({ template }) => template)).toContain("device_remembered");
  const { items } = await caller.auth.remembered_devices();
  expect(items).toMatchObject([{ ip: "127.0.0.1", user_agent: "test" }]);
  await caller.auth.forget_device({ device_id: items[0]?.id ?? "" });
  expect(await codeOf(logInFrom(api, device_token))).toBe("SECOND_FACTOR_REQUIRED");
  expect(await caller.auth.remembered_devices()).toMatchObject({ items: [] });
  expect(await eventTypes(api, email)).toEqual(
    expect.arrayContaining(["device_remembered", "device_forgotten"]),
  );
});

it.each(["a new password", "a reset", "signing out everywhere"])("is forgotten by %s", async (way) => {
  await using api = await createTestApi();
  const { app } = await signUpWithTotp(api, email);
  const { device_token, caller } = await remember(api, app);
  const change = { current_password: password, new_password: password.replace("horse", "zebra") };
  if (way === "a new password") await caller.auth.change_password(change);
  else if (way === "a reset") {
    // Of an address that nobody had confirmed, a reset would turn the second factor off as well.
    await caller.auth.verify_email({ token: await readNewestToken(api, "email_verification") });
    const token = await askForReset(api, email);
    await api.caller().auth.reset_password({ token, new_password: change.new_password });
  } else await caller.auth.logout_everywhere();
  const now = way === "signing out everywhere" ? password : change.new_password;
  const login = api.caller().auth.login({ email, password: now, device_token });
  expect(await codeOf(login)).toBe("SECOND_FACTOR_REQUIRED");
});

it("remembers nothing unless it is asked to", async () => {
  await using api = await createTestApi();
  const { app } = await signUpWithTotp(api, email);
  const { auth } = api.caller();
  const completed = await auth.complete_login({ challenge: await startLogin(auth, email), code: app.code() });
  expect(completed.device_token).toBeNull();
});
