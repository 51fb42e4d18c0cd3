import { z } from "zod";
import { defineError } from "../define-error.ts";

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
  }),
  CREDENTIALS_INVALID: defineError({
    trpcCode: "UNAUTHORIZED",
    title: "Wrong email or password",
    details: z.undefined(),
    message: () => "The email or the password is wrong.",
  }),
  REFRESH_TOKEN_INVALID: defineError({
    trpcCode: "UNAUTHORIZED",
    title: "Refresh token not valid",
    details: z.undefined(),
    message: () => "The refresh token is unknown, used, expired or revoked. Log in again.",
  }),
  PASSWORD_WRONG: defineError({
    trpcCode: "UNPROCESSABLE_CONTENT",
    title: "Wrong password",
    details: z.undefined(),
    message: () => "The password is wrong.",
  }),
  PASSWORD_REJECTED: defineError({
    trpcCode: "UNPROCESSABLE_CONTENT",
    title: "Password too easy to guess",
    details: z.object({ reason: z.enum(["common", "personal", "service_name"]) }),
    message: ({ reason }) =>
      `${passwordReasons[reason] ?? reason} Take another one, such as a few words that nobody else would put together.`,
  }),
  TOO_MANY_ATTEMPTS: defineError({
    trpcCode: "TOO_MANY_REQUESTS",
    title: "Too many attempts",
    details: z.object({ retry_after_seconds: z.int() }),
    message: ({ retry_after_seconds }) =>
      `There were too many attempts. Try again in ${retry_after_seconds} ${retry_after_seconds === 1 ? "second" : "seconds"}.`,
  }),
  SERVER_BUSY: defineError({
    trpcCode: "SERVICE_UNAVAILABLE",
    title: "Too many sign-ins at once",
    details: z.undefined(),
    message: () => "Too many passwords are being checked right now. Try again in a few seconds.",
  }),
  ONE_TIME_TOKEN_INVALID: defineError({
    trpcCode: "UNPROCESSABLE_CONTENT",
    title: "Link not valid",
    details: z.undefined(),
    message: () => "The link is unknown, used, expired or replaced by a newer one. Ask for a new one.",
  }),
  SESSION_NOT_FOUND: defineError({
    trpcCode: "NOT_FOUND",
    title: "No such session",
    details: z.undefined(),
    message: () => "You have no live session with this id.",
  }),
  API_KEY_NOT_FOUND: defineError({
    trpcCode: "NOT_FOUND",
    title: "No such API key",
    details: z.undefined(),
    message: () => "You have no API key with this id.",
  }),
  API_KEY_LIMIT_REACHED: defineError({
    trpcCode: "CONFLICT",
    title: "Too many API keys",
    details: z.object({ limit: z.int() }),
    message: ({ limit }) => `You have ${limit} API keys that work, which is the most. Revoke one first.`,
  }),
} as const;
