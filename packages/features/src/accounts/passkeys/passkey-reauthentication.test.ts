import { expect, it } from "vitest";
import {
  addTestPasskey,
  codeOf,
  createTestApi,
  createTestPasskey,
  eventTypes,
  logIn,
  type PasskeyTwist,
  signUpWithTotp,
  type TestApi,
  type TestPasskey,
} from "../../testing/index.ts";

const email = "ada@example.org";
const minuteMs = 60_000;

type Caller = ReturnType<TestApi["caller"]>;

/** Shows a passkey in the place of the password. */
async function showAgain(caller: Caller, passkey: TestPasskey, twist: PasskeyTwist = {}) {
  const { challenge } = await caller.auth.passkey_challenge();
  return caller.auth.reauthenticate({ passkey: passkey.sign(challenge, twist) });
}

/** A user with a passkey, whose last sign-in is too long ago for what asks for a recent one. */
async function signUpLongAgo(api: TestApi, of = email) {
  await api.signUp(of);
  const { caller, access_token } = await logIn(api, { email: of });
  const passkey = await addTestPasskey(caller);
  api.clock.advance(15 * minuteMs);
  return { caller, access_token, passkey };
}

it("makes the session recent, also of somebody without a password, and ends the one before", async () => {
  await using api = await createTestApi();
  const { caller, passkey } = await signUpLongAgo(api);
  const { id } = await caller.auth.me();
  await api.deps.db.deleteFrom("user_passwords").where("user_id", "=", id).execute();
  expect(await codeOf(caller.auth.set_up_passkey())).toBe("REAUTHENTICATION_NEEDED");
  const { access_token } = await showAgain(caller, passkey);
  expect(await codeOf(api.caller(access_token).auth.set_up_passkey())).toBeUndefined();
  expect(await codeOf(caller.auth.me())).toBe("TOKEN_INVALID");
  expect(await eventTypes(api, email)).toContain("reauthenticated");
});

it("does in the place of a code, where a password would not", async () => {
  await using api = await createTestApi();
  const { caller } = await signUpWithTotp(api, email);
  const passkey = await addTestPasskey(caller);
  api.clock.advance(15 * minuteMs);
  const { access_token } = await showAgain(caller, passkey);
  expect(await codeOf(api.caller(access_token).auth.set_up_passkey())).toBeUndefined();
});

it.each([
  ["of another origin", { origin: "https://evil.example" }],
  ["whose user was not verified", { isVerified: false }],
] as const)("refuses an answer %s, and uses its challenge up", async (_name, twist) => {
  await using api = await createTestApi();
  const { caller, passkey } = await signUpLongAgo(api);
  const { challenge } = await caller.auth.passkey_challenge();
  const give = (given: PasskeyTwist) =>
    codeOf(caller.auth.reauthenticate({ passkey: passkey.sign(challenge, given) }));
  expect([await give(twist), await give({})]).toEqual(["PASSKEY_REJECTED", "PASSKEY_CHALLENGE_INVALID"]);
  expect(await eventTypes(api, email)).toContain("second_factor_failed");
  expect(await codeOf(caller.auth.me())).toBeUndefined();
});

it("refuses a passkey of somebody else, one that nobody has, and what cannot be read", async () => {
  await using api = await createTestApi();
  const { caller } = await signUpLongAgo(api);
  const eve = await signUpLongAgo(api, "eve@example.org");
  expect(await codeOf(showAgain(caller, eve.passkey))).toBe("PASSKEY_REJECTED");
  const strange = createTestPasskey();
  expect(await codeOf(showAgain(caller, strange))).toBe("PASSKEY_REJECTED");
  const answer = strange.sign("challenge");
  const broken = { ...answer, response: { ...answer.response, clientDataJSON: "bm9uc2Vuc2U" } };
  expect(await codeOf(caller.auth.reauthenticate({ passkey: broken }))).toBe("PASSKEY_REJECTED");
});

it("takes a challenge for signing in only, from the program that has asked for it, and slows down whoever guesses", async () => {
  await using api = await createTestApi();
  const { caller, access_token, passkey } = await signUpLongAgo(api);
  const other = api.caller(access_token, { user_agent: "another program" });
  const { challenge } = await other.auth.passkey_challenge();
  const codes = [];
  for (let attempt = 0; attempt < 6; attempt += 1) {
    codes.push(await codeOf(caller.auth.reauthenticate({ passkey: passkey.sign(challenge) })));
  }
  expect(codes).toEqual([...Array(5).fill("PASSKEY_CHALLENGE_INVALID"), "TOO_MANY_ATTEMPTS"]);
});
