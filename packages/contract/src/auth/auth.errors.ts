import { z } from "zod";
import { defineError, retryLater } from "../errors/define-error.ts";

const passwordReasons: Readonly<Record<string, string>> = {
  common: "This password is among the most common ones.",
  personal: "This password is made of your name or your address.",
  service_name: "This password is made of the name of this service.",
};

export const authErrors = {
  EMAIL_TAKEN: defineError({
    trpcCode: "CONFLICT",
    title: "Email already registered",
    details: z.undefined(),
    message: () => "An account with this email already exists. Log in instead.",
    cause: "Somebody has registered with this address before.",
    remedy: "Log in, or ask for a new password at POST /api/v1/auth/request-password-reset.",
  }),
  CREDENTIALS_INVALID: defineError({
    trpcCode: "UNAUTHORIZED",
    title: "Wrong email or password",
    details: z.undefined(),
    message: () => "The email or the password is wrong.",
    cause:
      "There is no account with this address, or the password is not its password. The response does not say which.",
    remedy: "Ask the user again. After several attempts each has to wait.",
  }),
  REFRESH_TOKEN_INVALID: defineError({
    trpcCode: "UNAUTHORIZED",
    title: "Refresh token not valid",
    details: z.undefined(),
    message: () => "The refresh token is unknown, used, expired or revoked. Log in again.",
    cause: "The refresh token was exchanged before, has expired, or its session has ended. Each works once.",
    remedy:
      "Log in again. Store the new refresh token of every exchange before you use it, and exchange from one place only.",
  }),
  PASSWORD_WRONG: defineError({
    trpcCode: "UNPROCESSABLE_CONTENT",
    title: "Wrong password",
    details: z.undefined(),
    message: () => "The password is wrong.",
    cause: "A signed-in user gave a password that is not the account's.",
    remedy: "Ask the user again. The session goes on.",
  }),
  PASSWORD_REJECTED: defineError({
    trpcCode: "UNPROCESSABLE_CONTENT",
    title: "Password too easy to guess",
    details: z.object({ reason: z.enum(["common", "personal", "service_name"]) }),
    message: ({ reason }) =>
      `${passwordReasons[reason] ?? reason} Take another one, such as a few words that nobody else would put together.`,
    cause:
      "The new password is one of the most common ones, or made of the user's name, the address or the name of this service; details.reason says which.",
    remedy: "Ask the user for another one.",
    exampleDetails: { reason: "common" },
  }),
  LAST_WAY_IN: defineError({
    trpcCode: "CONFLICT",
    title: "The only way to sign in",
    details: z.undefined(),
    message: () => "Nothing else signs you in. Set a password or add another way first.",
    cause:
      "What was to be removed is all that signs this user in, who has no password. An identity of a provider that is no longer offered signs nobody in.",
    remedy:
      "Set a password by POST /api/v1/auth/request-password-reset, add a passkey or link an identity; then remove it.",
  }),
  TOO_MANY_ATTEMPTS: defineError({
    trpcCode: "TOO_MANY_REQUESTS",
    title: "Too many attempts",
    details: z.object({ retry_after_seconds: z.int() }),
    message: ({ retry_after_seconds }) =>
      `There were too many attempts. Try again in ${retry_after_seconds} ${retry_after_seconds === 1 ? "second" : "seconds"}.`,
    cause: "Passwords were tried, or mails asked for, too often from this address for the same account.",
    remedy: "Wait the seconds in Retry-After. Earlier attempts are refused, right or wrong.",
    exampleDetails: { retry_after_seconds: 4 },
  }),
  SERVER_BUSY: defineError({
    trpcCode: "SERVICE_UNAVAILABLE",
    title: "Too many sign-ins at once",
    details: z.undefined(),
    message: () => "Too many passwords are being checked right now. Try again in a few seconds.",
    cause:
      "Checking a password takes time on purpose, and too many wait for it. Other operations still work.",
    remedy: retryLater,
  }),
  ONE_TIME_TOKEN_INVALID: defineError({
    trpcCode: "UNPROCESSABLE_CONTENT",
    title: "Link not valid",
    details: z.undefined(),
    message: () => "The link is unknown, used, expired or replaced by a newer one. Ask for a new one.",
    cause: "The token of an emailed link was used, has expired, or a newer link has replaced it.",
    remedy: "Have a new link sent. Only the newest one works, and once.",
  }),
  SESSION_NOT_FOUND: defineError({
    trpcCode: "NOT_FOUND",
    title: "No such session",
    details: z.undefined(),
    message: () => "You have no live session with this id.",
    cause: "None of the user's sessions that go on has this id.",
    remedy: "Read the ids from GET /api/v1/auth/sessions. If it is gone, there is nothing left to end.",
  }),
  API_KEY_NOT_FOUND: defineError({
    trpcCode: "NOT_FOUND",
    title: "No such API key",
    details: z.undefined(),
    message: () => "You have no API key with this id.",
    cause: "None of the user's API keys has this id.",
    remedy: "Read the ids from GET /api/v1/auth/api-keys. The id is not the key itself.",
  }),
  API_KEY_LIMIT_REACHED: defineError({
    trpcCode: "CONFLICT",
    title: "Too many API keys",
    details: z.object({ limit: z.int() }),
    message: ({ limit }) => `You have ${limit} API keys that work, which is the most. Revoke one first.`,
    cause: "The user has as many keys that work as an account may have.",
    remedy: "Revoke one that is no longer used: GET /api/v1/auth/api-keys tells when each was used last.",
    exampleDetails: { limit: 20 },
  }),
  AGENT_REQUEST_INVALID: defineError({
    trpcCode: "UNPROCESSABLE_CONTENT",
    title: "Agent's request not valid",
    details: z.undefined(),
    message: () =>
      "What the agent asked for is unknown, was changed, or is over. Start again from the agent.",
    cause: "The request is none that /oauth/authorize has made, or it is older than 10 minutes.",
    remedy: "Have the agent ask again, which opens the page anew.",
  }),
} as const;
