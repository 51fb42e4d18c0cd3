import { expect, it } from "vitest";
import {
  codeOf,
  createTestApi,
  createTestIdentityProvider,
  eventTypes,
  linkTestIdentity,
  logIn,
  loginWithTestIdentity,
  type TestApi,
  turnOnTotp,
} from "../../testing/index.ts";
import { endSessionsOfProvider } from "./back-channel-logout.service.ts";
import type { EndedAtProvider } from "./providers/identity-provider.ts";

const email = "ada@example.org";
const password = "correct horse battery";
const minuteMs = 60_000;

/** An API with a provider that says what a test has it say: tokens are JSON of it. */
function openApi() {
  const readLogout = async (token: string): Promise<EndedAtProvider> => {
    const { subject, session, at } = JSON.parse(token) as Record<string, string | undefined>;
    return { subject, session, at: new Date(at ?? 0) };
  };
  const other = createTestIdentityProvider({ id: "other", name: "Other" });
  return createTestApi({ identityProviders: [{ ...createTestIdentityProvider(), readLogout }, other] });
}

async function signIn(api: TestApi, session?: string) {
  const { access_token } = await loginWithTestIdentity(api.caller(), {
    ...{ subject: "ada", email },
    ...(session !== undefined && { session }),
  });
  return api.caller(access_token);
}

const end = (api: TestApi, ended: { subject?: string; session?: string; at?: Date }) =>
  endSessionsOfProvider(
    { ...api.deps, request: { ip: undefined, user_agent: undefined } },
    { provider: "test", token: JSON.stringify({ at: api.clock(), ...ended }) },
  );

it("ends the sessions that one of the provider's has begun, and no others", async () => {
  await using api = await openApi();
  const [one, two] = [await signIn(api, "one"), await signIn(api, "two")];
  expect(await end(api, { subject: "ada", session: "one" })).toBe(1);
  expect(await codeOf(one.auth.me())).toBe("TOKEN_INVALID");
  expect(await codeOf(two.auth.me())).toBeUndefined();
  expect(await eventTypes(api, email)).toContain("sessions_ended_by_provider");
});

it("ends all sessions that an identity has begun, and none that the password has", async () => {
  await using api = await openApi();
  const caller = await api.signUp(email);
  await linkTestIdentity(caller, { subject: "ada", email });
  const [one, two] = [await signIn(api, "one"), await signIn(api)];
  expect(await end(api, { subject: "ada" })).toBe(2);
  expect([await codeOf(one.auth.me()), await codeOf(two.auth.me())]).toEqual([
    "TOKEN_INVALID",
    "TOKEN_INVALID",
  ]);
  expect(await codeOf(caller.auth.me())).toBeUndefined();
});

it("ends nothing of another identity, and nothing that was begun since its token was made", async () => {
  await using api = await openApi();
  const at = api.clock();
  const before = await signIn(api, "one");
  expect(await end(api, { subject: "eve" })).toBe(0);
  expect(await end(api, { session: "other" })).toBe(0);
  expect(await end(api, { session: "one" })).toBe(1);
  expect(await codeOf(before.auth.me())).toBe("TOKEN_INVALID");
  api.clock.advance(minuteMs);
  const since = await signIn(api, "one");
  // A replay.
  expect(await end(api, { session: "one", at })).toBe(0);
  expect(await codeOf(since.auth.me())).toBeUndefined();
});

it("reaches a session after it was replaced, and one that has waited for the second factor", async () => {
  await using api = await openApi();
  const caller = await api.signUp(email);
  await linkTestIdentity(caller, { subject: "ada", email });
  const one = await signIn(api, "one");
  const again = await one.auth.reauthenticate({ password });
  expect(await end(api, { session: "one" })).toBe(1);
  expect(await codeOf(api.caller(again.access_token).auth.me())).toBe("TOKEN_INVALID");

  const app = await turnOnTotp(api, (await logIn(api, { email })).caller);
  const refused = await signIn(api, "two").catch(
    (error: { cause: { details: { challenge: string } } }) => error,
  );
  const { challenge } = (refused as { cause: { details: { challenge: string } } }).cause.details;
  const completed = await api.caller().auth.complete_login({ challenge, code: app.code() });
  api.clock.advance(minuteMs);
  const code = await api.caller(completed.access_token).auth.reauthenticate({ code: app.code() });
  expect(await end(api, { session: "two" })).toBe(1);
  expect(await codeOf(api.caller(code.access_token).auth.me())).toBe("TOKEN_INVALID");
});

it("knows no provider that says nothing of the kind", async () => {
  await using api = await openApi();
  const deps = { ...api.deps, request: { ip: undefined, user_agent: undefined } };
  for (const provider of ["other", "nonesuch"]) {
    const ended = endSessionsOfProvider(deps, { provider, token: "{}" });
    await expect(ended).rejects.toMatchObject({ code: "IDENTITY_PROVIDER_UNKNOWN" });
  }
});
