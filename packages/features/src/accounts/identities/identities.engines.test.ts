import { expect, it } from "vitest";
import {
  addPasskeyRow,
  codeOf,
  createTestApi,
  linkTestIdentity,
  logIn,
  loginWithTestIdentity,
  openTestIdentity,
  type TestApi,
} from "../../testing/index.ts";

const email = "ada@example.org";
const ada = { subject: "ada-1", email };

/** A user whom an identity has registered. */
async function signUpByIdentity(api: TestApi) {
  const { access_token } = await loginWithTestIdentity(api.caller(), ada);
  return { caller: api.caller(access_token), access_token };
}

it("makes one account of an identity that signs in twice at once", async () => {
  await using api = await createTestApi();
  const attempts = [await openTestIdentity(api.caller(), ada), await openTestIdentity(api.caller(), ada)];
  const both = await Promise.all(attempts.map((each) => api.caller().auth.login_with_identity(each)));
  const users = await Promise.all(both.map(({ access_token }) => api.caller(access_token).auth.me()));
  expect(users[0]?.id).toBe(users[1]?.id);
});

it("lets one of parallel uses of an attempt win", async () => {
  await using api = await createTestApi();
  await signUpByIdentity(api);
  const input = await openTestIdentity(api.caller(), ada);
  const codes = await Promise.all(
    // Each with an input of its own, as calls have that come over the wire.
    Array.from({ length: 5 }, () => codeOf(api.caller().auth.login_with_identity({ ...input }))),
  );
  expect(codes.toSorted()).toEqual([...Array(4).fill("IDENTITY_ATTEMPT_INVALID"), undefined]);
});

it("links an identity once, to one of two accounts that ask at once", async () => {
  await using api = await createTestApi();
  await api.signUp(email);
  const callers = [(await logIn(api, { email })).caller, (await logIn(api, { email })).caller];
  const codes = await Promise.all(callers.map((caller) => codeOf(linkTestIdentity(caller, ada))));
  expect(codes.toSorted()).toEqual(["IDENTITY_TAKEN", undefined]);
});

it("begins no session by an identity that is unlinked at the same moment, but for one that came before", async () => {
  await using api = await createTestApi();
  await api.signUp(email);
  const { caller } = await logIn(api, { email });
  const { id: identity_id } = await linkTestIdentity(caller, ada);
  const input = await openTestIdentity(api.caller(), ada);
  const [login] = await Promise.all([
    codeOf(api.caller().auth.login_with_identity(input)),
    caller.auth.unlink_identity({ identity_id }),
  ]);
  expect([undefined, "IDENTITY_LINK_NEEDED"]).toContain(login);
  expect(await codeOf(loginWithTestIdentity(api.caller(), ada))).toBe("IDENTITY_LINK_NEEDED");
});

it("lets one of two that are removed at once be the last", async () => {
  await using api = await createTestApi();
  const { caller } = await signUpByIdentity(api);
  const { id } = await caller.auth.me();
  const passkey_id = await addPasskeyRow(api, id);
  const [identity] = (await caller.auth.identities()).items;
  const codes = await Promise.all([
    codeOf(caller.auth.remove_passkey({ passkey_id })),
    codeOf(caller.auth.unlink_identity({ identity_id: identity?.id ?? "" })),
  ]);
  expect(codes.toSorted()).toEqual(["LAST_WAY_IN", undefined]);
});
