import { expect, it } from "vitest";
import { ObsqraError, type ObsqraErrorCode, type ObsqraErrorDetailsByCode } from "./obsqra-error.ts";
import type { PasskeyAssertion, PasskeyRequest, Tokens } from "./router.ts";
import { signIn, signInWithPasskey } from "./sign-in.ts";
import { createMockClient } from "./testing/index.ts";

const tokens: Tokens = {
  access_token: "access",
  token_type: "bearer",
  expires_in: 1800,
  refresh_token: "next",
};
const account = { email: "ada@example.org", password: "correct horse battery" };

function errorOf<TCode extends ObsqraErrorCode>(code: TCode, details: ObsqraErrorDetailsByCode[TCode]) {
  return new ObsqraError(code, details, { message: code, status: 401 });
}

const required = errorOf("SECOND_FACTOR_REQUIRED", {
  challenge: "challenge",
  expires_in: 300,
  methods: ["totp", "recovery_code"],
  passkey: null,
});

/** A service that refuses answers for these reasons one after the other, and then takes one. */
function createService(refusals: readonly ObsqraError[]) {
  const left = [...refusals];
  return createMockClient({
    responses: {
      auth: {
        login: () => {
          throw required;
        },
        complete_login: () => {
          const refusal = left.shift();
          if (refusal !== undefined) throw refusal;
          return { ...tokens, device_token: null };
        },
      },
    },
  });
}

it("is signed in at once where there is no second factor", async () => {
  const { client, calls } = createMockClient({ responses: { auth: { login: tokens } } });
  expect(await signIn(client, account)).toEqual({ state: "signed_in", tokens });
  expect(calls.map(({ path }) => path)).toEqual(["auth.login"]);
});

it("asks for a code until one is right, and keeps the session then", async () => {
  const { client, calls } = createService([errorOf("CODE_INVALID", undefined)]);
  const asked = await signIn(client, account);
  if (asked.state !== "code_needed") throw new Error("No code is asked for.");
  expect([asked.methods, asked.refused]).toEqual([["totp", "recovery_code"], undefined]);
  const again = await asked.answer({ code: "000000" });
  if (again.state !== "code_needed") throw new Error("No code is asked for again.");
  expect(again.refused?.code).toBe("CODE_INVALID");
  expect(await again.answer({ code: "123456" })).toEqual({ state: "signed_in", tokens });
  expect(calls.map(({ input }) => input).slice(1)).toEqual([
    { challenge: "challenge", code: "000000", remember_device: false },
    { challenge: "challenge", code: "123456", remember_device: false },
  ]);
});

it("is over when the service no longer waits for the code", async () => {
  const { client } = createService([errorOf("LOGIN_CHALLENGE_INVALID", undefined)]);
  const asked = await signIn(client, account);
  if (asked.state !== "code_needed") throw new Error("No code is asked for.");
  expect(await asked.answer({ code: "123456" })).toMatchObject({
    state: "over",
    refused: { code: "LOGIN_CHALLENGE_INVALID" },
  });
});

it("can be answered once more after a refusal that says nothing of the code", async () => {
  const { client } = createService([errorOf("TOO_MANY_ATTEMPTS", { retry_after_seconds: 1 })]);
  const asked = await signIn(client, account);
  if (asked.state !== "code_needed") throw new Error("No code is asked for.");
  await expect(asked.answer({ code: "123456" })).rejects.toMatchObject({ code: "TOO_MANY_ATTEMPTS" });
  expect(await asked.answer({ code: "123456" })).toMatchObject({ state: "signed_in" });
});

it("keeps the token of a device that is to be remembered, and sends it with the next sign-in of the account", async () => {
  const kept = new Map<string, string>();
  const devices = {
    read: (email: string) => kept.get(email),
    write: (email: string, token: string) => void kept.set(email, token),
  };
  const { client, calls } = createMockClient({
    responses: {
      auth: {
        login: ({ device_token }) => {
          if (device_token !== "device") throw required;
          return tokens;
        },
        complete_login: ({ remember_device }) => ({
          ...tokens,
          device_token: remember_device === true ? "device" : null,
        }),
      },
    },
  });
  const asked = await signIn(client, account, { devices });
  if (asked.state !== "code_needed") throw new Error("No code is asked for.");
  expect(await asked.answer({ code: "123456", remember_device: true })).toEqual({
    state: "signed_in",
    tokens,
  });
  expect(await signIn(client, account, { devices })).toEqual({ state: "signed_in", tokens });
  await signIn(client, { ...account, email: "eve@example.org" }, { devices });
  expect(calls.filter(({ path }) => path === "auth.login").map(({ input }) => input)).toEqual([
    account,
    { ...account, device_token: "device" },
    { ...account, email: "eve@example.org" },
  ]);
});

const request: PasskeyRequest = {
  challenge: "challenge",
  rpId: "localhost",
  timeout: 300_000,
  userVerification: "required",
};
const assertion: PasskeyAssertion = {
  id: "AA",
  rawId: "AA",
  type: "public-key",
  response: { clientDataJSON: "AA", authenticatorData: "AA", signature: "AA" },
};

it("gives a passkey in the place of a code", async () => {
  const { client, calls } = createMockClient({
    responses: {
      auth: {
        login: () => {
          throw errorOf("SECOND_FACTOR_REQUIRED", {
            challenge: "challenge",
            expires_in: 300,
            methods: ["totp", "recovery_code", "passkey"],
            passkey: request,
          });
        },
        complete_login: () => ({ ...tokens, device_token: null }),
      },
    },
  });
  const asked = await signIn(client, account);
  if (asked.state !== "code_needed") throw new Error("No code is asked for.");
  expect(asked.passkey).toEqual(request);
  expect(await asked.answer({ passkey: assertion })).toEqual({ state: "signed_in", tokens });
  expect(calls.at(-1)?.input).toEqual({ challenge: "challenge", passkey: assertion, remember_device: false });
});

it("signs in by a passkey alone, or says why not", async () => {
  let refusal: ObsqraError | undefined = errorOf("PASSKEY_UNKNOWN", undefined);
  const { client } = createMockClient({
    responses: {
      auth: {
        passkey_challenge: request,
        login_with_passkey: () => {
          if (refusal !== undefined) throw refusal;
          return tokens;
        },
      },
    },
  });
  const asked = await signInWithPasskey(client);
  expect(asked.passkey).toEqual(request);
  expect(await asked.answer(assertion)).toMatchObject({
    state: "refused",
    refused: { code: "PASSKEY_UNKNOWN" },
  });
  refusal = undefined;
  expect(await (await signInWithPasskey(client)).answer(assertion)).toEqual({ state: "signed_in", tokens });
});
