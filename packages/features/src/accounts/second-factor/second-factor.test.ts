import { createSealer } from "@obsqra/platform";
import { describe, expect, it } from "vitest";
import {
  askForReset,
  codeOf,
  createTestApi,
  eventTypes,
  logIn,
  readEvents,
  readMails,
  readNewestToken,
  signUpWithTotp,
  startLogin,
  turnOnTotp,
} from "../../testing/index.ts";
import { renewTotpSecrets } from "./renew-totp-secrets.service.ts";
import { openTotpSecret } from "./totp-secret.ts";

const email = "ada@example.org";
const password = "correct horse battery";
const new_password = "staple that no horse has";
const minuteMs = 60_000;

describe("signing in with a second factor", () => {
  it("takes the password and a code, and begins a session with nothing less", async () => {
    await using api = await createTestApi();
    const { app } = await signUpWithTotp(api, email);
    const { auth } = api.caller();
    const challenge = await startLogin(auth, email);
    expect(await codeOf(auth.complete_login({ challenge, code: "000000" }))).toBe("CODE_INVALID");
    const tokens = await auth.complete_login({ challenge, code: app.code() });
    expect(await api.caller(tokens.access_token).auth.me()).toMatchObject({ email });
    expect(await eventTypes(api, email)).toEqual(
      expect.arrayContaining(["second_factor_asked", "second_factor_failed", "logged_in"]),
    );
  });

  it("takes a code as people write it", async () => {
    await using api = await createTestApi();
    const { app } = await signUpWithTotp(api, email);
    const { auth } = api.caller();
    const code = app.code();
    const spaced = ` ${code.slice(0, 3)} ${code.slice(3)}`;
    await auth.complete_login({ challenge: await startLogin(auth, email), code: spaced });
    const [recovery = ""] = app.recoveryCodes;
    const written = recovery.toUpperCase().replaceAll("-", " ");
    await auth.complete_login({ challenge: await startLogin(auth, email), code: written });
  });

  it("says nothing of the second factor to who does not know the password", async () => {
    await using api = await createTestApi();
    await signUpWithTotp(api, email);
    expect(await codeOf(api.caller().auth.login({ email, password: "wrong" }))).toBe("CREDENTIALS_INVALID");
  });

  it("lets a challenge be answered once, for five minutes, by the program that has sent the password", async () => {
    await using api = await createTestApi();
    const { app } = await signUpWithTotp(api, email);
    const { auth } = api.caller();
    const used = await startLogin(auth, email);
    await auth.complete_login({ challenge: used, code: app.code() });
    api.clock.advance(minuteMs);
    const other = api.caller(undefined, { user_agent: "another program" });
    const challenge = await startLogin(auth, email);
    const over = await startLogin(auth, email);
    const refused = [
      await codeOf(auth.complete_login({ challenge: used, code: app.code() })),
      await codeOf(auth.complete_login({ challenge: "made up", code: app.code() })),
      await codeOf(other.auth.complete_login({ challenge, code: app.code() })),
    ];
    // From another network it is the same program.
    const elsewhere = api.caller(undefined, { ip: "203.0.113.7" });
    await elsewhere.auth.complete_login({ challenge, code: app.code() });
    api.clock.advance(5 * minuteMs);
    refused.push(await codeOf(auth.complete_login({ challenge: over, code: app.code() })));
    expect(refused).toEqual(Array(4).fill("LOGIN_CHALLENGE_INVALID"));
  });

  it("ends logins that wait with a new password", async () => {
    await using api = await createTestApi();
    const { app, caller } = await signUpWithTotp(api, email);
    const { auth } = api.caller();
    const challenge = await startLogin(auth, email);
    await caller.auth.change_password({ current_password: password, new_password });
    expect(await codeOf(auth.complete_login({ challenge, code: app.code() }))).toBe(
      "LOGIN_CHALLENGE_INVALID",
    );
  });
});

describe("turning it on and off", () => {
  it("ends the other sessions, which a password alone has begun, and tells the owner", async () => {
    await using api = await createTestApi();
    const other = await api.signUp(email);
    const { caller } = await logIn(api, { email });
    await turnOnTotp(api, caller);
    expect(await codeOf(other.auth.me())).toBe("TOKEN_INVALID");
    expect(await caller.auth.second_factor()).toMatchObject({ is_on: true, recovery_codes_left: 10 });
    expect((await readMails(api)).at(-1)).toMatchObject({ template: "second_factor_enabled", to: email });
  });

  it("takes a code to turn it off, and then asks for none", async () => {
    await using api = await createTestApi();
    const { app, caller } = await signUpWithTotp(api, email);
    expect(await codeOf(caller.auth.set_up_totp())).toBe("SECOND_FACTOR_ON");
    expect(await codeOf(caller.auth.turn_off_second_factor({ code: "123456" }))).toBe("CODE_INVALID");
    await caller.auth.turn_off_second_factor({ code: app.code() });
    expect(await caller.auth.second_factor()).toEqual({
      is_on: false,
      totp_confirmed_at: null,
      recovery_codes_left: 0,
    });
    await logIn(api, { email });
    expect(await codeOf(caller.auth.turn_off_second_factor({ code: app.code(1) }))).toBe("SECOND_FACTOR_OFF");
    expect((await readMails(api)).map(({ template }) => template)).toContain("second_factor_disabled");
  });

  it("keeps neither secret nor recovery codes where they could be read", async () => {
    await using api = await createTestApi();
    const { app } = await signUpWithTotp(api, email);
    const { db } = api.deps;
    const stored = JSON.stringify([
      await db.selectFrom("totp_factors").selectAll().execute(),
      await db.selectFrom("recovery_codes").selectAll().execute(),
      await db.selectFrom("audit_events").selectAll().execute(),
    ]);
    const bytes = (text: string) => JSON.stringify(Buffer.from(text)).slice(24, 60);
    for (const secret of [app.secret, ...app.recoveryCodes]) {
      expect(stored).not.toContain(secret);
      expect(stored).not.toContain(bytes(secret));
    }
  });
});

it("seals secrets anew after the key has changed; when it is lost, recovery codes still let in", async () => {
  await using api = await createTestApi();
  const { app, caller } = await signUpWithTotp(api, email);
  const { randomBytes, db } = api.deps;
  const [older, newer] = [
    "a key that only tests use, 32 bytes or more",
    "another key that only tests use, as long",
  ];
  const rotated = createSealer([newer, older], randomBytes);
  expect(await renewTotpSecrets({ db, sealer: rotated })).toBe(1);
  expect(await renewTotpSecrets({ db, sealer: rotated })).toBe(0);
  const { user_id, secret_sealed } = await db
    .selectFrom("totp_factors")
    .selectAll()
    .executeTakeFirstOrThrow();
  const alone = createSealer([newer], randomBytes);
  expect(openTotpSecret(alone, user_id, secret_sealed)).toBe(app.secret);
  // Not even with the key is it another user's.
  expect(() => openTotpSecret(alone, "somebody else", secret_sealed)).toThrow("another user's");
  // The first key alone opens nothing any more.
  const { auth } = api.caller();
  const challenge = await startLogin(auth, email);
  expect(await codeOf(auth.complete_login({ challenge, code: app.code() }))).toBe("INTERNAL_ERROR");
  await auth.complete_login({ challenge, code: app.recoveryCodes[0] ?? "" });
  expect(await codeOf(caller.auth.me())).toBeUndefined();
});

describe("a recovery code", () => {
  it("lets in once, and its owner is told how many are left", async () => {
    await using api = await createTestApi();
    const { app } = await signUpWithTotp(api, email);
    const { auth } = api.caller();
    const [code = ""] = app.recoveryCodes;
    await auth.complete_login({ challenge: await startLogin(auth, email), code });
    expect((await readMails(api)).at(-1)).toMatchObject({ template: "recovery_code_used", codes_left: 9 });
    const again = auth.complete_login({ challenge: await startLogin(auth, email), code });
    expect(await codeOf(again)).toBe("CODE_INVALID");
  });

  it("stops working when there are new ones", async () => {
    await using api = await createTestApi();
    const { app, caller } = await signUpWithTotp(api, email);
    const { recovery_codes } = await caller.auth.renew_recovery_codes({ code: app.code() });
    expect(new Set([...recovery_codes, ...app.recoveryCodes]).size).toBe(20);
    const { auth } = api.caller();
    const challenge = await startLogin(auth, email);
    const [old = "", next = ""] = [app.recoveryCodes[0], recovery_codes[0]];
    expect(await codeOf(auth.complete_login({ challenge, code: old }))).toBe("CODE_INVALID");
    await auth.complete_login({ challenge, code: next });
  });
});

it("costs an unconfirmed address none of its few mails to sign in with codes of an app", async () => {
  await using api = await createTestApi();
  const { app, caller } = await signUpWithTotp(api, email);
  const { auth } = api.caller();
  for (let time = 0; time < 4; time += 1) {
    await auth.complete_login({ challenge: await startLogin(auth, email), code: app.code() });
    api.clock.advance(minuteMs);
  }
  expect(
    await codeOf(caller.auth.change_password({ current_password: password, new_password })),
  ).toBeUndefined();
});

it("keeps nobody from a new password by the mails that tell of the factor, its codes and API keys", async () => {
  await using api = await createTestApi();
  const { app, caller } = await signUpWithTotp(api, email);
  const { recovery_codes } = await caller.auth.renew_recovery_codes({ code: app.code() });
  await caller.auth.create_api_key({ name: "One", scopes: ["users:read"] });
  await caller.auth.reauthenticate({ code: recovery_codes[0] ?? "" });
  const { auth } = api.caller();
  const [, next = ""] = recovery_codes;
  const tokens = await auth.complete_login({ challenge: await startLogin(auth, email), code: next });
  const change = { current_password: password, new_password };
  expect(await codeOf(api.caller(tokens.access_token).auth.change_password(change))).toBeUndefined();
});

describe("what protects the account", () => {
  it("takes a code in the place of the password, and no password alone", async () => {
    await using api = await createTestApi();
    const { app, caller } = await signUpWithTotp(api, email);
    api.clock.advance(11 * minuteMs);
    const change = { current_password: password, new_password };
    expect(await codeOf(caller.auth.change_password(change))).toBe("REAUTHENTICATION_NEEDED");
    expect(await codeOf(caller.auth.reauthenticate({ password }))).toBe("CODE_REQUIRED");
    expect(await codeOf(caller.auth.reauthenticate({ password, code: "000000" }))).toBe("CODE_INVALID");
    const { access_token } = await caller.auth.reauthenticate({ code: app.code() });
    expect(await codeOf(caller.auth.me())).toBe("TOKEN_INVALID");
    await api.caller(access_token).auth.change_password(change);
  });

  it("stays on when the password is reset by mail, which signs nobody in", async () => {
    await using api = await createTestApi();
    const { app } = await signUpWithTotp(api, email);
    const { auth } = api.caller();
    await auth.verify_email({ token: await readNewestToken(api, "email_verification") });
    await auth.reset_password({ token: await askForReset(api, email), new_password });
    const challenge = await startLogin(auth, email, new_password);
    await auth.complete_login({ challenge, code: app.code() });
  });

  it("keeps the owner of an address not out of an account that a stranger has made with it", async () => {
    await using api = await createTestApi();
    await signUpWithTotp(api, email);
    const { auth } = api.caller();
    await auth.reset_password({ token: await askForReset(api, email), new_password });
    const { access_token } = await auth.login({ email, password: new_password });
    const owner = api.caller(access_token);
    expect(await owner.auth.second_factor()).toMatchObject({ is_on: false, recovery_codes_left: 0 });
    expect((await readMails(api)).at(-1)).toMatchObject({ second_factor: "turned off" });
    expect((await readEvents(api, email)).map(({ type }) => type)).toContain("second_factor_disabled");
    // From then on the address is known to be theirs.
    await turnOnTotp(api, owner);
    await auth.reset_password({ token: await askForReset(api, email), new_password: password });
    expect(await codeOf(auth.login({ email, password }))).toBe("SECOND_FACTOR_REQUIRED");
  });
});
