import { z } from "zod";
import { defineError } from "../errors/define-error.ts";
import { passkeyRequest } from "./passkeys.schema.ts";
import { factorMethod } from "./second-factor.schema.ts";

export const secondFactorErrors = {
  SECOND_FACTOR_REQUIRED: defineError({
    trpcCode: "UNAUTHORIZED",
    title: "Second factor needed",
    details: z.object({
      challenge: z.string(),
      expires_in: z.int(),
      methods: z.array(factorMethod),
      passkey: passkeyRequest.nullable().describe("For navigator.credentials.get; null without passkeys"),
    }),
    message: () => "The password is right. Signing in takes a code, too.",
    cause: "The account has a second factor, and a login has given the right password.",
    remedy:
      "Ask for a code, and send it with details.challenge to POST /api/v1/auth/complete-login within details.expires_in seconds.",
    exampleDetails: {
      challenge: "d2hhdC1vbmx5LXRoaXMtcHJvZ3JhbS1nZXRzLTMyLWI",
      expires_in: 300,
      methods: ["totp", "recovery_code"],
      passkey: null,
    },
  }),
  LOGIN_CHALLENGE_INVALID: defineError({
    trpcCode: "UNAUTHORIZED",
    title: "Sign-in no longer pending",
    details: z.undefined(),
    message: () => "This sign-in is unknown, over, or another program's. Give the password again.",
    cause:
      "The challenge of a login was used, is older than 5 minutes, was ended by a new password, or comes from another program than the password.",
    remedy: "Log in again, which gives a new challenge.",
  }),
  CODE_INVALID: defineError({
    trpcCode: "UNPROCESSABLE_CONTENT",
    title: "Code not valid",
    details: z.undefined(),
    message: () => "The code is wrong, over, or was used before. Wait for the next one.",
    cause:
      "The code is neither one that the app shows now, or did or will within 30 seconds, nor a recovery code that is left. Each works once.",
    remedy: "Ask the user for the next code. After several attempts each has to wait.",
  }),
  CODE_REQUIRED: defineError({
    trpcCode: "UNPROCESSABLE_CONTENT",
    title: "Code needed in the place of the password",
    details: z.undefined(),
    message: () => "This account has a second factor: give a code instead of the password.",
    cause: "A signed-in user gave a password alone where the account has a second factor.",
    remedy: "Ask for a code of the app, or for a recovery code, and send it as code.",
  }),
  SECOND_FACTOR_ON: defineError({
    trpcCode: "CONFLICT",
    title: "Second factor already on",
    details: z.undefined(),
    message: () => "The account has a second factor already. Turn it off first.",
    cause: "An app was to be set up for an account that has one.",
    remedy: "Turn it off with a code of the present app, or with a recovery code; then set up the next one.",
  }),
  SECOND_FACTOR_OFF: defineError({
    trpcCode: "CONFLICT",
    title: "No second factor",
    details: z.undefined(),
    message: () => "The account has no second factor.",
    cause: "The second factor of an account was to be changed that has none.",
    remedy: "Set one up with POST /api/v1/auth/totp.",
  }),
  DEVICE_NOT_FOUND: defineError({
    trpcCode: "NOT_FOUND",
    title: "No such device",
    details: z.undefined(),
    message: () => "You have no remembered device with this id.",
    cause: "None of the user's devices that are remembered has this id.",
    remedy:
      "Read the ids from GET /api/v1/auth/remembered-devices. If it is gone, there is nothing left to forget.",
  }),
  TOTP_NOT_SET_UP: defineError({
    trpcCode: "CONFLICT",
    title: "No app was set up",
    details: z.undefined(),
    message: () => "There is no secret that a code could confirm. Set the app up first.",
    cause: "auth.confirm_totp came before auth.set_up_totp.",
    remedy: "Call POST /api/v1/auth/totp, give its secret to an app, and send a code of that app.",
  }),
} as const;
