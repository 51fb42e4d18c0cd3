import { identitiesMax } from "@obsqra/contract";
import { expect, it } from "vitest";
import {
  addPasskeyRow,
  addTestPasskey,
  answerOf,
  askForReset,
  codeOf,
  createTestApi,
  createTestIdentityProvider,
  eventTypes,
  linkTestIdentity,
  logIn,
  loginWithTestIdentity,
  openTestIdentity,
  readMails,
  signUpWithTotp,
  startLogin,
  type TestApi,
  turnOnTotp,
} from "../../testing/index.ts";
import { deleteCredentials } from "../deletion/erasure.queries.ts";
import { hashAddress } from "../one-time-tokens/one-time-token.ts";

const email = "ada@example.org";
const password = "correct horse battery";
const minuteMs = 60_000;
const ada = { subject: "ada-1", email };

/** A user with a password and a linked identity, and a recent session. */
async function signUpAndLink(api: TestApi) {
  await api.signUp(email);
  const { caller } = await logIn(api, { email });
  const identity = await linkTestIdentity(caller, ada);
  return { caller, identity };
}

/** A user whom an identity has registered. */
async function signUpByIdentity(api: TestApi) {
  const { access_token } = await loginWithTestIdentity(api.caller(), ada);
  return { caller: api.caller(access_token), access_token };
}

it("names the providers that the operator has configured, in their order", async () => {
  const identityProviders = [
    createTestIdentityProvider({ id: "google", name: "Google" }),
    createTestIdentityProvider({ id: "company", name: "Company" }),
  ];
  await using api = await createTestApi({ identityProviders });
  expect(await api.caller().auth.identity_providers()).toEqual({
    providers: [
      { id: "google", name: "Google" },
      { id: "company", name: "Company" },
    ],
  });
  const unknown = api.caller().auth.begin_identity_login({ provider: "another" });
  expect(await codeOf(unknown)).toBe("IDENTITY_PROVIDER_UNKNOWN");
});

it("registers an account without a password for a new address, confirmed, in a recent session, and tells by mail", async () => {
  await using api = await createTestApi();
  const { caller } = await signUpByIdentity(api);
  expect(await caller.auth.me()).toMatchObject({ email, full_name: "ada", is_verified: true });
  expect(await codeOf(caller.auth.logout_everywhere())).toBeUndefined();
  expect(await eventTypes(api, email)).toEqual(expect.arrayContaining(["registered", "identity_linked"]));
  expect(await readMails(api)).toMatchObject([{ template: "identity_linked", to: email, provider: "Test" }]);
  expect(await codeOf(api.caller().auth.login({ email, password }))).toBe("CREDENTIALS_INVALID");
  // The same identity is the same account from then on.
  const again = await loginWithTestIdentity(api.caller(), { ...ada, email: "moved@example.org" });
  expect(await api.caller(again.access_token).auth.me()).toMatchObject({ email });
});

it("links an identity to the account of whoever is signed in, tells by mail, and signs in by it", async () => {
  await using api = await createTestApi();
  const { caller, identity } = await signUpAndLink(api);
  expect((await caller.auth.identities()).items).toEqual([identity]);
  expect(identity).toMatchObject({
    provider: "test",
    issuer: "https://test.example",
    email,
    last_used_at: null,
  });
  expect((await readMails(api)).at(-1)).toMatchObject({ template: "identity_linked", to: email });
  const { access_token } = await loginWithTestIdentity(api.caller(), ada);
  expect((await api.caller(access_token).auth.identities()).items).toMatchObject([
    { id: identity.id, last_used_at: api.clock().toISOString() },
  ]);
});

it("links only with a recent session", async () => {
  await using api = await createTestApi();
  const caller = await api.signUp(email);
  api.clock.advance(11 * minuteMs);
  expect(await codeOf(linkTestIdentity(caller, ada))).toBe("REAUTHENTICATION_NEEDED");
  expect(await codeOf(linkTestIdentity(api.caller(), ada))).toBe("UNAUTHENTICATED");
});

it("links no identity of another address, of one that nobody vouches for, or that somebody has", async () => {
  await using api = await createTestApi();
  const { caller } = await signUpAndLink(api);
  const eve = await api.signUp("eve@example.org");
  expect(await codeOf(linkTestIdentity(eve, { subject: "e", email: "other@example.org" }))).toBe(
    "IDENTITY_EMAIL_DIFFERS",
  );
  expect(await codeOf(linkTestIdentity(eve, { subject: "e" }))).toBe("IDENTITY_EMAIL_UNVERIFIED");
  const taken = linkTestIdentity(eve, { subject: ada.subject, email: "eve@example.org" });
  expect(await codeOf(taken)).toBe("IDENTITY_TAKEN");
  expect(await codeOf(linkTestIdentity(caller, ada))).toBe("IDENTITY_TAKEN");
  expect((await eve.auth.identities()).items).toEqual([]);
});

it("links as many as there may be", async () => {
  await using api = await createTestApi();
  const caller = await api.signUp(email);
  for (let count = 0; count < identitiesMax; count += 1) {
    await linkTestIdentity(caller, { subject: String(count), email });
  }
  expect(await codeOf(linkTestIdentity(caller, ada))).toBe("IDENTITY_LIMIT_REACHED");
});

it("takes an attempt once, within ten minutes, in the program and for what it was begun", async () => {
  await using api = await createTestApi();
  const { caller } = await signUpAndLink(api);
  const { auth } = api.caller();
  const open = () => openTestIdentity(api.caller(), ada);
  const used = await open();
  await auth.login_with_identity(used);
  expect(await codeOf(auth.login_with_identity(used))).toBe("IDENTITY_ATTEMPT_INVALID");
  const refused = await open();
  expect(await codeOf(auth.login_with_identity({ ...refused, answer: "code=x" }))).toBe("IDENTITY_REJECTED");
  expect(await codeOf(auth.login_with_identity(refused))).toBe("IDENTITY_ATTEMPT_INVALID");
  const elsewhere = api.caller(undefined, { user_agent: "another" });
  expect(await codeOf(elsewhere.auth.login_with_identity(await open()))).toBe("IDENTITY_ATTEMPT_INVALID");
  expect(await codeOf(caller.auth.link_identity(await open()))).toBe("IDENTITY_ATTEMPT_INVALID");
  // An attempt of somebody who is signed in is theirs.
  const { attempt, authorization_url } = await caller.auth.begin_identity_link({ provider: "test" });
  const linking = {
    attempt,
    answer: answerOf(authorization_url, { subject: "e", email: "eve@example.org" }),
  };
  expect(await codeOf(auth.login_with_identity(linking))).toBe("IDENTITY_ATTEMPT_INVALID");
  const eve = await api.signUp("eve@example.org");
  expect(await codeOf(eve.auth.link_identity(linking))).toBe("IDENTITY_ATTEMPT_INVALID");
  const late = await open();
  api.clock.advance(10 * minuteMs + 1);
  expect(await codeOf(auth.login_with_identity(late))).toBe("IDENTITY_ATTEMPT_INVALID");
});

it("binds an answer to the browser that has asked: another attempt does not take it", async () => {
  await using api = await createTestApi();
  await signUpAndLink(api);
  const ofEve = await openTestIdentity(api.caller(), { subject: "eve", email: "eve@example.org" });
  const ofAda = await openTestIdentity(api.caller(), ada);
  // Whoever is sent to the callback with the answer of somebody else has another secret.
  const mixed = api.caller().auth.login_with_identity({ attempt: ofAda.attempt, answer: ofEve.answer });
  expect(await codeOf(mixed)).toBe("IDENTITY_REJECTED");
});

it("asks for the second factor where the account has one, and not on a remembered device", async () => {
  await using api = await createTestApi();
  const { caller, app } = await signUpWithTotp(api, email);
  await linkTestIdentity(caller, ada);
  const { auth } = api.caller();
  const challenge = await challengeOf(loginWithTestIdentity(api.caller(), ada));
  const completed = await auth.complete_login({ challenge, code: app.code(), remember_device: true });
  expect(await api.caller(completed.access_token).auth.me()).toMatchObject({ email });
  const { device_token } = completed;
  if (device_token === null) throw new Error("It was asked for.");
  const opened = await openTestIdentity(api.caller(), ada);
  const tokens = await auth.login_with_identity({ ...opened, device_token });
  const known = api.caller(tokens.access_token);
  expect(await known.auth.me()).toMatchObject({ email });
  expect(await codeOf(known.auth.logout_everywhere())).toBe("REAUTHENTICATION_NEEDED");
});

it("lets an account without a password turn the second factor on, and asks for it from then on", async () => {
  await using api = await createTestApi();
  const { caller } = await signUpByIdentity(api);
  const app = await turnOnTotp(api, caller);
  const challenge = await challengeOf(loginWithTestIdentity(api.caller(), ada));
  const { access_token } = await api.caller().auth.complete_login({ challenge, code: app.code() });
  api.clock.advance(minuteMs);
  expect(await codeOf(api.caller(access_token).auth.reauthenticate({ code: app.code() }))).toBeUndefined();
  // A password that is set later does not do without it either.
  await api.caller().auth.reset_password({ token: await askForReset(api, email), new_password: password });
  await startLogin(api.caller().auth, email);
});

it("sets a first password in a recent session, which signs in then, and keeps the identity", async () => {
  await using api = await createTestApi();
  const { caller: old } = await signUpByIdentity(api);
  api.clock.advance(11 * minuteMs);
  const set = (caller = old, current_password?: string) =>
    codeOf(caller.auth.change_password({ current_password, new_password: password }));
  expect(await set()).toBe("REAUTHENTICATION_NEEDED");
  const { access_token } = await loginWithTestIdentity(api.caller(), ada);
  const caller = api.caller(access_token);
  await turnOnTotp(api, caller);
  expect(await set(caller, "some")).toBe("PASSWORD_WRONG");
  expect(await set(caller)).toBeUndefined();
  // The second factor that was there before goes on being asked for.
  await startLogin(api.caller().auth, email);
  expect(await set(caller)).toBe("PASSWORD_WRONG");
  expect((await caller.auth.identities()).items).toHaveLength(1);
});

it("does not let the last way to sign in be removed, and lets it be with another one", async () => {
  await using api = await createTestApi();
  const { caller } = await signUpByIdentity(api);
  const [identity] = (await caller.auth.identities()).items;
  const unlink = () => caller.auth.unlink_identity({ identity_id: identity?.id ?? "" });
  expect(await codeOf(unlink())).toBe("LAST_WAY_IN");
  expect((await caller.auth.identities()).items).toHaveLength(1);
  const passkey = await addTestPasskey(caller);
  await unlink();
  expect((await readMails(api)).at(-1)).toMatchObject({ template: "identity_unlinked", to: email });
  expect(await codeOf(loginWithTestIdentity(api.caller(), ada))).toBe("IDENTITY_LINK_NEEDED");
  expect(await codeOf(caller.auth.remove_passkey({ passkey_id: passkey.id }))).toBe("LAST_WAY_IN");
  expect((await caller.auth.passkeys()).items).toHaveLength(1);
});

it("counts no identity as a way to sign in whose provider is no longer offered", async () => {
  const identityProviders = [createTestIdentityProvider()];
  await using api = await createTestApi({ identityProviders });
  const { caller } = await signUpByIdentity(api);
  const { id } = await caller.auth.me();
  const passkey_id = await addPasskeyRow(api, id);
  identityProviders.length = 0;
  expect((await caller.auth.identities()).items).toMatchObject([{ provider: null }]);
  expect(await codeOf(caller.auth.remove_passkey({ passkey_id }))).toBe("LAST_WAY_IN");
});

it("recovers by mail: a new password, which unlinks all identities and says so", async () => {
  await using api = await createTestApi();
  const { access_token } = await signUpByIdentity(api);
  const token = await askForReset(api, email);
  await api.caller().auth.reset_password({ token, new_password: password });
  expect(await codeOf(api.caller(access_token).auth.me())).toBe("TOKEN_INVALID");
  const { caller } = await logIn(api, { email });
  expect((await caller.auth.identities()).items).toEqual([]);
  expect((await readMails(api)).map(({ template }) => template)).toContain("password_changed");
  expect(await eventTypes(api, email)).toContain("identity_unlinked");
  expect(await codeOf(loginWithTestIdentity(api.caller(), ada))).toBe("IDENTITY_LINK_NEEDED");
  await linkTestIdentity(caller, ada);
  expect(await codeOf(loginWithTestIdentity(api.caller(), ada))).toBeUndefined();
});

it("ends a login that waits for the second factor when its identity is unlinked", async () => {
  await using api = await createTestApi();
  const { caller, app } = await signUpWithTotp(api, email);
  const { id: identity_id } = await linkTestIdentity(caller, ada);
  const challenge = await challengeOf(loginWithTestIdentity(api.caller(), ada));
  await caller.auth.unlink_identity({ identity_id });
  const late = api.caller().auth.complete_login({ challenge, code: app.code() });
  expect(await codeOf(late)).toBe("LOGIN_CHALLENGE_INVALID");
});

it("tells of a new device by which it signed in", async () => {
  await using api = await createTestApi();
  await signUpAndLink(api);
  const from = api.caller(undefined, { ip: "203.0.113.9", user_agent: "another" });
  await loginWithTestIdentity(from, ada);
  expect((await readMails(api)).at(-1)).toMatchObject({ template: "new_device", method: "identity" });
});

it("forgets identities with an account that is erased", async () => {
  await using api = await createTestApi();
  const { caller } = await signUpByIdentity(api);
  await caller.auth.begin_identity_link({ provider: "test" });
  const { id } = await caller.auth.me();
  await api.deps.db
    .transaction()
    .execute((trx) => deleteCredentials(trx, { id, address_hash: hashAddress(email), now: api.clock() }));
  for (const table of ["identities", "identity_attempts", "session_identities"] as const) {
    expect(await api.deps.db.selectFrom(table).selectAll().execute()).toEqual([]);
  }
});

/** The challenge of a login that waits for the second factor. */
async function challengeOf(login: Promise<unknown>): Promise<string> {
  const refused = await login.then(
    () => undefined,
    (error: { cause?: { code?: string; details?: { challenge?: string } } }) => error.cause,
  );
  expect(refused?.code).toBe("SECOND_FACTOR_REQUIRED");
  return refused?.details?.challenge ?? "";
}
