import { z } from "zod";
import { defineEndpoint } from "../endpoints/endpoint.ts";
import { tokens } from "./auth.schema.ts";
import {
  changePasswordInput,
  reauthenticateInput,
  requestPasswordResetInput,
  resetPasswordInput,
} from "./passwords.schema.ts";

export const passwordsEndpoints = {
  reauthenticate: defineEndpoint({
    kind: "mutation",
    access: "session",
    weight: 10,
    rest: { method: "POST", path: "/auth/reauthenticate", status: 200 },
    summary: "Sign in again, for what asks for a recent sign-in",
    description:
      "Give the password; where the account has a second factor, a code instead, which does by itself. A passkey always does, also for users without a password. Starts a new session in the place of this one, whose tokens stop working.",
    input: reauthenticateInput,
    output: tokens,
    givesCredentials: true,
    errors: [
      "PASSWORD_WRONG",
      "CODE_REQUIRED",
      "CODE_INVALID",
      "PASSKEY_CHALLENGE_INVALID",
      "PASSKEY_REJECTED",
      "TOO_MANY_ATTEMPTS",
      "SERVER_BUSY",
    ],
  }),
  change_password: defineEndpoint({
    kind: "mutation",
    access: "session",
    weight: 10,
    rest: { method: "POST", path: "/auth/change-password", status: 204 },
    summary: "Change the password",
    description:
      "Ends all your other sessions and, unless keep_api_keys is true, revokes your API keys and pauses your webhooks. Where the account has a second factor, it takes a recent sign-in, too; a first password takes that instead of the current one.",
    input: changePasswordInput,
    output: z.undefined(),
    errors: [
      "PASSWORD_WRONG",
      "PASSWORD_REJECTED",
      "REAUTHENTICATION_NEEDED",
      "TOO_MANY_ATTEMPTS",
      "SERVER_BUSY",
    ],
  }),
  request_password_reset: defineEndpoint({
    kind: "mutation",
    access: "public",
    weight: 10,
    rest: { method: "POST", path: "/auth/request-password-reset", status: 204 },
    summary: "Have a link for a new password sent to your address",
    description: "The response is the same whether or not there is an account with this address.",
    input: requestPasswordResetInput,
    output: z.undefined(),
    errors: ["TOO_MANY_ATTEMPTS"],
  }),
  reset_password: defineEndpoint({
    kind: "mutation",
    access: "public",
    weight: 10,
    rest: { method: "POST", path: "/auth/reset-password", status: 204 },
    summary: "Set a new password with the token of the emailed link",
    description:
      "Ends all your sessions, removes all your passkeys, unlinks all your identities and, unless keep_api_keys is true, revokes your API keys and pauses your webhooks; those from before the address was confirmed always. A second factor stays on. Counts as a confirmation of the address; if it is the first one, linked wallets are unlinked, and a second factor is turned off.",
    input: resetPasswordInput,
    output: z.undefined(),
    errors: ["ONE_TIME_TOKEN_INVALID", "PASSWORD_REJECTED", "SERVER_BUSY"],
  }),
} as const;
