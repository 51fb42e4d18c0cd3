import { expect, it } from "vitest";
import { ObsqraError, type ObsqraErrorCode, type ObsqraErrorDetailsByCode } from "./obsqra-error.ts";
import type { LoginWithIdentityInput, Tokens } from "./router.ts";
import { signInWithIdentity } from "./sign-in-with-identity.ts";
import { createMockClient } from "./testing/index.ts";

const tokens: Tokens = {
  access_token: "access",
  token_type: "bearer",
  expires_in: 1800,
  refresh_token: "next",
};
const answered = { provider: "google", attempt: "secret", answer: "code=x&state=y" };

function errorOf<TCode extends ObsqraErrorCode>(code: TCode, details: ObsqraErrorDetailsByCode[TCode]) {
  return new ObsqraError(code, details, { message: code, status: 400 });
}

/** A service that refuses an answer for a reason. */
function refuseWith(error: ObsqraError) {
  return createMockClient({
    responses: {
      auth: {
        login_with_identity: () => {
          throw error;
        },
        complete_login: ({ remember_device }) => ({
          ...tokens,
          device_token: remember_device ? "device" : null,
        }),
      },
    },
  }).client;
}

it("is signed in where no second factor is asked for", async () => {
  const { client, calls } = createMockClient({ responses: { auth: { login_with_identity: tokens } } });
  expect(await signInWithIdentity(client, answered)).toEqual({ state: "signed_in", tokens });
  expect(calls.map(({ path, input }) => [path, input])).toEqual([
    ["auth.login_with_identity", { attempt: "secret", answer: "code=x&state=y" }],
  ]);
});

it("asks for a code where the account has a second factor, and remembers the device by the provider", async () => {
  const details = { challenge: "c", expires_in: 300, methods: ["totp" as const], passkey: null };
  const client = refuseWith(errorOf("SECOND_FACTOR_REQUIRED", details));
  const kept = new Map<string, string>();
  const devices = {
    read: (key: string) => kept.get(key),
    write: (key: string, token: string) => void kept.set(key, token),
  };
  const asked = await signInWithIdentity(client, answered, { devices });
  if (asked.state !== "code_needed") throw new Error("No code is asked for.");
  expect(await asked.answer({ code: "123456", remember_device: true })).toEqual({
    state: "signed_in",
    tokens,
  });
  expect([...kept]).toEqual([["provider:google", "device"]]);
  const inputs: LoginWithIdentityInput[] = [];
  const { client: next } = createMockClient({
    responses: {
      auth: {
        login_with_identity: (input) => {
          inputs.push(input);
          return tokens;
        },
      },
    },
  });
  await signInWithIdentity(next, answered, { devices });
  expect(inputs).toMatchObject([{ device_token: "device" }]);
});

it("says that an account has to link the identity, and what was refused", async () => {
  const needed = await signInWithIdentity(refuseWith(errorOf("IDENTITY_LINK_NEEDED", undefined)), answered);
  expect(needed.state).toBe("link_needed");
  for (const error of [
    errorOf("IDENTITY_ATTEMPT_INVALID", undefined),
    errorOf("IDENTITY_REJECTED", { provider_error: "access_denied" }),
    errorOf("IDENTITY_EMAIL_UNVERIFIED", undefined),
  ]) {
    const refused = await signInWithIdentity(refuseWith(error), answered);
    expect(refused).toMatchObject({ state: "refused", refused: { code: error.code } });
  }
});

it("leaves it to the caller to try again while the provider is away", async () => {
  const client = refuseWith(errorOf("IDENTITY_PROVIDER_UNAVAILABLE", undefined));
  await expect(signInWithIdentity(client, answered)).rejects.toMatchObject({
    code: "IDENTITY_PROVIDER_UNAVAILABLE",
  });
});
