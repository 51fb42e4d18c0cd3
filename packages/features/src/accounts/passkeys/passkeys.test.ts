import { passkeysMax } from "@obsqra/contract";
import { expect, it } from "vitest";
import {
  addPasskeyRow,
  addTestPasskey,
  askForReset,
  codeOf,
  createTestApi,
  createTestPasskey,
  eventTypes,
  logIn,
  type PasskeyTwist,
  readMails,
  signUpWithTotp,
  startLogin,
  type TestApi,
  type TestPasskey,
} from "../../testing/index.ts";
import { userHandleOf } from "./verify-passkey.ts";

const email = "ada@example.org";
const password = "correct horse battery";
const minuteMs = 60_000;

/** A user with a recent session, and a passkey. */
async function signUpWithPasskey(api: TestApi, options: { isSynced?: boolean } = {}, of = email) {
  await api.signUp(of);
  const { caller } = await logIn(api, { email: of });
  return { caller, passkey: await addTestPasskey(caller, options) };
}

/** Signs in with a passkey. */
async function signIn(
  api: TestApi,
  passkey: TestPasskey,
  twist: PasskeyTwist & { userHandle?: string } = {},
) {
  const { auth } = api.caller();
  const { challenge } = await auth.passkey_challenge();
  return auth.login_with_passkey({ passkey: passkey.sign(challenge, twist) });
}

it("signs in without address and password, as a recent session", async () => {
  await using api = await createTestApi();
  const { passkey } = await signUpWithPasskey(api);
  const { access_token } = await signIn(api, passkey);
  const caller = api.caller(access_token);
  expect(await caller.auth.me()).toMatchObject({ email });
  expect(await codeOf(caller.auth.logout_everywhere())).toBeUndefined();
});

it("takes a key of Ed25519, too", async () => {
  await using api = await createTestApi();
  const { caller } = await signUpWithPasskey(api);
  const passkey = await addTestPasskey(caller, { seed: "of a test" });
  expect(await codeOf(signIn(api, passkey))).toBeUndefined();
});

it("asks for nothing more where a second factor is on, and answers a login that waits", async () => {
  await using api = await createTestApi();
  const { caller } = await signUpWithTotp(api, email);
  expect(await codeOf(addTestPasskey(api.caller()))).toBe("UNAUTHENTICATED");
  const passkey = await addTestPasskey(caller);
  await signIn(api, passkey);
  const { auth } = api.caller();
  const challenge = await startLogin(auth, email);
  const completed = await auth.complete_login({ challenge, passkey: passkey.sign(challenge) });
  expect(await api.caller(completed.access_token).auth.me()).toMatchObject({ email });
  const again = auth.complete_login({ challenge, passkey: passkey.sign(challenge) });
  expect(await codeOf(again)).toBe("LOGIN_CHALLENGE_INVALID");
});

it("offers a passkey to a login that waits only where there is one", async () => {
  await using api = await createTestApi();
  const { caller } = await signUpWithTotp(api, email);
  const login = () => api.caller().auth.login({ email, password });
  await expect(login()).rejects.toMatchObject({
    cause: { details: { methods: ["totp", "recovery_code"], passkey: null } },
  });
  await addTestPasskey(caller);
  await expect(login()).rejects.toMatchObject({
    cause: {
      details: {
        methods: ["totp", "recovery_code", "passkey"],
        passkey: { rpId: "localhost", userVerification: "required" },
      },
    },
  });
});

it("answers a login that waits for nobody else, and five times at most", async () => {
  await using api = await createTestApi();
  await signUpWithTotp(api, email);
  const eve = await signUpWithPasskey(api, {}, "eve@example.org");
  const { auth } = api.caller();
  const challenge = await startLogin(auth, email);
  const codes = [];
  for (let attempt = 0; attempt < 6; attempt += 1) {
    codes.push(await codeOf(auth.complete_login({ challenge, passkey: eve.passkey.sign(challenge) })));
  }
  expect(codes).toEqual([...Array(5).fill("PASSKEY_REJECTED"), "TOO_MANY_ATTEMPTS"]);
  expect(await eventTypes(api, email)).toContain("second_factor_failed");
});

it.each([
  ["of another origin", { origin: "https://evil.example" }],
  ["of another site", { rpId: "evil.example" }],
  ["whose user was not verified", { isVerified: false }],
  ["that was made for something else", { type: "webauthn.create" }],
  ["that names another user", { userHandle: userHandleOf("00000000-0000-4000-8000-000000000000") }],
] as const)("breeze#6499: refuses an answer %s with a 400 and a code", async (_name, twist) => {
  await using api = await createTestApi();
  const { passkey } = await signUpWithPasskey(api);
  await expect(signIn(api, passkey, twist)).rejects.toMatchObject({
    code: "BAD_REQUEST",
    cause: { code: "PASSKEY_REJECTED" },
  });
  expect(await eventTypes(api, email)).toContain("second_factor_failed");
});

it("breeze#6499: refuses answers that cannot be read with a 400 and a code", async () => {
  await using api = await createTestApi();
  const { caller, passkey } = await signUpWithPasskey(api);
  const { auth } = api.caller();
  const { challenge } = await auth.passkey_challenge();
  const good = passkey.sign(challenge);
  const broken = { ...good, response: { ...good.response, clientDataJSON: "bm9uc2Vuc2U" } };
  expect(await codeOf(auth.login_with_passkey({ passkey: broken }))).toBe("PASSKEY_REJECTED");
  const cut = { ...good, response: { ...good.response, authenticatorData: "AAAA", signature: "A" } };
  expect(await codeOf(auth.login_with_passkey({ passkey: cut }))).toBe("PASSKEY_REJECTED");
  const setUp = await caller.auth.set_up_passkey();
  const made = createTestPasskey().create(setUp.challenge);
  const nonsense = { ...made, response: { ...made.response, attestationObject: "oWNmbXQ" } };
  expect(await codeOf(caller.auth.add_passkey({ name: "x", passkey: nonsense }))).toBe("PASSKEY_REJECTED");
});

it("refuses a passkey that nobody has, and one that was removed", async () => {
  await using api = await createTestApi();
  const { caller, passkey } = await signUpWithPasskey(api);
  expect(await codeOf(signIn(api, createTestPasskey()))).toBe("PASSKEY_UNKNOWN");
  await caller.auth.remove_passkey({ passkey_id: passkey.id });
  expect(await codeOf(signIn(api, passkey))).toBe("PASSKEY_UNKNOWN");
});

it("takes a challenge once, within five minutes, for what and from where it was asked for", async () => {
  await using api = await createTestApi();
  const { caller, passkey } = await signUpWithPasskey(api);
  const { auth } = api.caller();
  const answer = (challenge: string) => codeOf(auth.login_with_passkey({ passkey: passkey.sign(challenge) }));
  const used = await auth.passkey_challenge();
  expect([await answer(used.challenge), await answer(used.challenge)]).toEqual([
    undefined,
    "PASSKEY_CHALLENGE_INVALID",
  ]);
  const late = await auth.passkey_challenge();
  api.clock.advance(5 * minuteMs);
  const foreign = await api.caller(undefined, { user_agent: "another program" }).auth.passkey_challenge();
  const setUp = await caller.auth.set_up_passkey();
  const madeUp = Buffer.alloc(32).toString("base64url");
  for (const challenge of [late.challenge, foreign.challenge, setUp.challenge, madeUp]) {
    expect(await answer(challenge)).toBe("PASSKEY_CHALLENGE_INVALID");
  }
  const forLogin = await auth.passkey_challenge();
  const added = { name: "x", passkey: createTestPasskey().create(forLogin.challenge) };
  expect(await codeOf(caller.auth.add_passkey(added))).toBe("PASSKEY_CHALLENGE_INVALID");
  const other = (await logIn(api, { email })).caller;
  const ofOther = await other.auth.set_up_passkey();
  const moved = { name: "x", passkey: createTestPasskey().create(ofOther.challenge) };
  expect(await codeOf(caller.auth.add_passkey(moved))).toBe("PASSKEY_CHALLENGE_INVALID");
  const stored = JSON.stringify(await api.deps.db.selectFrom("passkey_challenges").selectAll().execute());
  expect(stored).not.toContain(ofOther.challenge);
});

it("uses a challenge up by an answer that does not hold", async () => {
  await using api = await createTestApi();
  const { passkey } = await signUpWithPasskey(api);
  const { auth } = api.caller();
  const { challenge } = await auth.passkey_challenge();
  const wrong = passkey.sign(challenge, { isVerified: false });
  expect(await codeOf(auth.login_with_passkey({ passkey: wrong }))).toBe("PASSKEY_REJECTED");
  const right = passkey.sign(challenge);
  expect(await codeOf(auth.login_with_passkey({ passkey: right }))).toBe("PASSKEY_CHALLENGE_INVALID");
});

it("securo#534: lets the counter of a synced passkey go backwards, and of no other", async () => {
  await using api = await createTestApi();
  const synced = await signUpWithPasskey(api, { isSynced: true });
  await signIn(api, synced.passkey, { counter: 9 });
  expect(await codeOf(signIn(api, synced.passkey, { counter: 3 }))).toBeUndefined();
  const bound = await signUpWithPasskey(api, {}, "eve@example.org");
  await signIn(api, bound.passkey, { counter: 9 });
  expect(await codeOf(signIn(api, bound.passkey, { counter: 9 }))).toBe("PASSKEY_REJECTED");
});

it("mymate#42: adding one confirms nothing and signs nobody in", async () => {
  await using api = await createTestApi();
  const { caller } = await signUpWithPasskey(api);
  expect(await caller.auth.me()).toMatchObject({ is_verified: false });
  expect(await caller.auth.second_factor()).toMatchObject({ is_on: false });
  expect((await caller.auth.passkeys()).items).toMatchObject([{ last_used_at: null }]);
  const { auth } = api.caller();
  const { challenge } = await auth.passkey_challenge();
  const made = createTestPasskey();
  const { id, rawId, type, response } = made.create(challenge);
  const { authenticatorData, signature } = made.sign(challenge).response;
  const enrolment = { clientDataJSON: response.clientDataJSON, authenticatorData, signature };
  const login = auth.login_with_passkey({ passkey: { id, rawId, type, response: enrolment } });
  expect(await codeOf(login)).toBe("PASSKEY_UNKNOWN");
});

it.each([
  ["another origin", { origin: "https://evil.example" }],
  ["another site", { rpId: "evil.example" }],
  ["an unverified user", { isVerified: false }],
  ["an answer to a sign-in", { type: "webauthn.get" }],
] as const)("adds none of %s", async (_name, twist) => {
  await using api = await createTestApi();
  await api.signUp(email);
  const { caller } = await logIn(api, { email });
  const { challenge } = await caller.auth.set_up_passkey();
  const input = { name: "x", passkey: createTestPasskey().create(challenge, twist) };
  expect(await codeOf(caller.auth.add_passkey(input))).toBe("PASSKEY_REJECTED");
});

it("is added in a recent session only, once, to one account, and no more than there may be", async () => {
  await using api = await createTestApi();
  const { caller, passkey } = await signUpWithPasskey(api);
  const eve = await signUpWithPasskey(api, {}, "eve@example.org");
  const again = async (to: typeof caller) => {
    const { challenge } = await to.auth.set_up_passkey();
    return codeOf(to.auth.add_passkey({ name: "x", passkey: passkey.create(challenge) }));
  };
  expect([await again(caller), await again(eve.caller)]).toEqual(["PASSKEY_TAKEN", "PASSKEY_TAKEN"]);
  const { id } = await caller.auth.me();
  for (let count = 1; count < passkeysMax; count += 1) await addPasskeyRow(api, id);
  expect(await codeOf(addTestPasskey(caller))).toBe("PASSKEY_LIMIT_REACHED");
  api.clock.advance(11 * minuteMs);
  expect(await codeOf(addTestPasskey(caller))).toBe("REAUTHENTICATION_NEEDED");
  expect(await codeOf(caller.auth.remove_passkey({ passkey_id: passkey.id }))).toBe(
    "REAUTHENTICATION_NEEDED",
  );
});

it("is named, listed, renamed and removed, and its owner is told", async () => {
  await using api = await createTestApi();
  const { caller, passkey } = await signUpWithPasskey(api, { isSynced: true });
  const renamed = await caller.auth.rename_passkey({ passkey_id: passkey.id, name: "Desk" });
  expect(renamed).toMatchObject({ id: passkey.id, name: "Desk", is_synced: true });
  await signIn(api, passkey);
  const { items } = await caller.auth.passkeys();
  expect(items).toEqual([{ ...renamed, last_used_at: api.clock().toISOString() }]);
  const { excludeCredentials } = await caller.auth.set_up_passkey();
  expect(excludeCredentials).toHaveLength(1);
  await caller.auth.remove_passkey({ passkey_id: passkey.id });
  expect((await caller.auth.passkeys()).items).toEqual([]);
  const templates = (await readMails(api)).map(({ template }) => template);
  expect(templates).toEqual(expect.arrayContaining(["passkey_added", "passkey_removed"]));
  expect(await eventTypes(api, email)).toEqual(
    expect.arrayContaining(["passkey_added", "passkey_renamed", "passkey_removed"]),
  );
});

it("goes by a reset of the password: whoever was in the account may have added it", async () => {
  await using api = await createTestApi();
  const { passkey } = await signUpWithPasskey(api);
  const token = await askForReset(api, email);
  await api.caller().auth.reset_password({ token, new_password: "staple that no horse has" });
  expect(await codeOf(signIn(api, passkey))).toBe("PASSKEY_UNKNOWN");
  expect(await eventTypes(api, email)).toContain("passkey_removed");
  expect((await readMails(api)).at(-1)).toMatchObject({ template: "password_changed", passkeys: "removed" });
  const next = await askForReset(api, email);
  await api.caller().auth.reset_password({ token: next, new_password: "another that no horse has" });
  expect((await readMails(api)).at(-1)).not.toHaveProperty("passkeys");
});

it("says in the mail about a new device that it was a passkey, which a change of the password would leave", async () => {
  await using api = await createTestApi();
  const { passkey } = await signUpWithPasskey(api);
  const elsewhere = api.caller(undefined, { ip: "203.0.113.9", user_agent: "Another" });
  const { challenge } = await elsewhere.auth.passkey_challenge();
  await elsewhere.auth.login_with_passkey({ passkey: passkey.sign(challenge) });
  expect((await readMails(api)).at(-1)).toMatchObject({ template: "new_device", method: "passkey" });
});

it("slows down whoever guesses", async () => {
  await using api = await createTestApi();
  const { passkey } = await signUpWithPasskey(api);
  const codes = [];
  for (let attempt = 0; attempt < 6; attempt += 1) {
    codes.push(await codeOf(signIn(api, passkey, { isVerified: false })));
  }
  expect(codes).toEqual([...Array(5).fill("PASSKEY_REJECTED"), "TOO_MANY_ATTEMPTS"]);
});

it("stays where it is the last way in, and goes where a password or another passkey is left", async () => {
  await using api = await createTestApi();
  const { caller, passkey } = await signUpWithPasskey(api);
  const { id: user_id } = await caller.auth.me();
  await api.deps.db.deleteFrom("user_passwords").where("user_id", "=", user_id).execute();
  const remove = () => codeOf(caller.auth.remove_passkey({ passkey_id: passkey.id }));
  expect(await remove()).toBe("LAST_WAY_IN");
  expect(await eventTypes(api, email)).not.toContain("passkey_removed");
  await addPasskeyRow(api, user_id);
  expect(await remove()).toBeUndefined();
});
