import { z } from "zod";
import { defineEndpoint } from "../endpoints/endpoint.ts";
import {
  completedLogin,
  completeLoginInput,
  confirmTotpInput,
  factorInput,
  recoveryCodes,
  secondFactor,
  totpSetUp,
} from "./second-factor.schema.ts";

export const secondFactorEndpoints = {
  complete_login: defineEndpoint({
    kind: "mutation",
    access: "public",
    weight: 10,
    rest: { method: "POST", path: "/auth/complete-login", status: 200 },
    summary: "Sign in with the second factor, after the password",
    description:
      "auth.login answers SECOND_FACTOR_REQUIRED with a challenge where the account has a second factor. The challenge works once, for 5 minutes, for the same program. No code of an app is taken twice. Give a code, or a passkey that has signed the challenge.",
    input: completeLoginInput,
    output: completedLogin,
    givesCredentials: true,
    errors: ["LOGIN_CHALLENGE_INVALID", "CODE_INVALID", "PASSKEY_REJECTED", "TOO_MANY_ATTEMPTS"],
  }),
  second_factor: defineEndpoint({
    kind: "query",
    access: "session",
    rest: { method: "GET", path: "/auth/second-factor", status: 200 },
    summary: "Whether signing in takes a second factor, and which",
    input: z.undefined(),
    output: secondFactor,
    errors: [],
  }),
  set_up_totp: defineEndpoint({
    kind: "mutation",
    access: "recent_session",
    rest: { method: "POST", path: "/auth/totp", status: 201 },
    summary: "Get the secret for an app that shows codes (TOTP, RFC 6238)",
    description:
      "It counts for nothing until auth.confirm_totp has had a code of it. Setting up again replaces a secret that was not confirmed.",
    input: z.undefined(),
    output: totpSetUp,
    givesCredentials: true,
    errors: ["SECOND_FACTOR_ON"],
  }),
  confirm_totp: defineEndpoint({
    kind: "mutation",
    access: "recent_session",
    weight: 5,
    rest: { method: "POST", path: "/auth/totp/confirm", status: 200 },
    summary: "Turn the second factor on, with a code of the app that was set up",
    description:
      "From then on signing in takes the password and a code. Ends all your other sessions, and gives the recovery codes, which are shown this once.",
    input: confirmTotpInput,
    output: recoveryCodes,
    givesCredentials: true,
    errors: ["TOTP_NOT_SET_UP", "SECOND_FACTOR_ON", "CODE_INVALID", "TOO_MANY_ATTEMPTS"],
  }),
  turn_off_second_factor: defineEndpoint({
    kind: "mutation",
    access: "session",
    weight: 5,
    rest: { method: "POST", path: "/auth/second-factor/turn-off", status: 204 },
    summary: "Turn the second factor off, with a code",
    description: "The password does not do. Recovery codes and remembered devices go, too.",
    input: factorInput,
    output: z.undefined(),
    errors: ["SECOND_FACTOR_OFF", "CODE_INVALID", "TOO_MANY_ATTEMPTS"],
  }),
  renew_recovery_codes: defineEndpoint({
    kind: "mutation",
    access: "session",
    weight: 5,
    rest: { method: "POST", path: "/auth/recovery-codes", status: 200 },
    summary: "Get ten new recovery codes in the place of the old ones, with a code",
    input: factorInput,
    output: recoveryCodes,
    givesCredentials: true,
    errors: ["SECOND_FACTOR_OFF", "CODE_INVALID", "TOO_MANY_ATTEMPTS"],
  }),
} as const;
