/** Faults of others, each by the issue that it was reported in; those of single providers are beside these. */
import { expect, it } from "vitest";
import {
  askForReset,
  codeOf,
  createTestApi,
  eventTypes,
  linkTestIdentity,
  logIn,
  loginWithTestIdentity,
  signUpVerified,
} from "../../testing/index.ts";

const email = "victim@example.org";
const password = "correct horse battery";

it("karakeep#2921: lets nobody into an account by its address, verified or not, and links nothing", async () => {
  await using api = await createTestApi();
  const victim = await signUpVerified(api, email);
  const eve = api.caller();
  expect(await codeOf(loginWithTestIdentity(eve, { subject: "eve", email }))).toBe("IDENTITY_LINK_NEEDED");
  expect(await codeOf(loginWithTestIdentity(eve, { subject: "eve" }))).toBe("IDENTITY_EMAIL_UNVERIFIED");
  expect((await victim.auth.identities()).items).toEqual([]);
  expect(await eventTypes(api, email)).not.toContain("identity_linked");
});

it("karakeep#2921: lets whoever has registered a victim's address first keep no way in, once its owner comes", async () => {
  await using api = await createTestApi();
  // Before its owner, and with a password of the attacker's.
  const attacker = await api.signUp(email);
  expect(await codeOf(linkTestIdentity(attacker, { subject: "eve", email: "eve@example.org" }))).toBe(
    "IDENTITY_EMAIL_DIFFERS",
  );
  const owner = { subject: "victim", email };
  expect(await codeOf(loginWithTestIdentity(api.caller(), owner))).toBe("IDENTITY_LINK_NEEDED");
  await api
    .caller()
    .auth.reset_password({ token: await askForReset(api, email), new_password: "of the owner's own" });
  expect(await codeOf(api.caller().auth.login({ email, password }))).toBe("CREDENTIALS_INVALID");
  expect(await codeOf(attacker.auth.me())).toBe("TOKEN_INVALID");
  const { caller } = await logIn(api, { email, password: "of the owner's own" });
  await linkTestIdentity(caller, owner);
  expect(await codeOf(loginWithTestIdentity(api.caller(), owner))).toBeUndefined();
});
