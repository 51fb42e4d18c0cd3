import { z } from "zod";
import { defineError } from "./define-error.ts";

/** What is wrong with one field of the input. */
const fieldIssue = z
  .object({
    path: z.string().describe("Field, dotted, such as details.note; empty for the whole input"),
    message: z.string(),
  })
  .meta({ id: "FieldIssue" });
export type FieldIssue = z.output<typeof fieldIssue>;

/** Errors that any endpoint can answer with. */
export const commonErrors = {
  MALFORMED_JSON: defineError({
    trpcCode: "PARSE_ERROR",
    title: "Malformed JSON",
    details: z.undefined(),
    message: () => "The request body is not valid JSON. Check for missing quotes, commas or brackets.",
  }),
  VALIDATION_FAILED: defineError({
    trpcCode: "BAD_REQUEST",
    title: "Validation failed",
    details: z.object({ issues: z.array(fieldIssue) }),
    message: ({ issues }) =>
      `The input is not valid: ${issues
        .slice(0, 3)
        .map((issue) => `${issue.path === "" ? "the input" : issue.path}: ${issue.message}`)
        .join("; ")}${issues.length > 3 ? `; and ${issues.length - 3} more` : ""}.`,
  }),
  UNAUTHENTICATED: defineError({
    trpcCode: "UNAUTHORIZED",
    title: "Sign-in needed",
    details: z.undefined(),
    message: () => "Sign in first: send the access token as `Authorization: Bearer <token>`.",
  }),
  TOKEN_EXPIRED: defineError({
    trpcCode: "UNAUTHORIZED",
    title: "Access token expired",
    details: z.undefined(),
    message: () => "The access token has expired. Get a new one with your refresh token, or log in again.",
  }),
  TOKEN_INVALID: defineError({
    trpcCode: "UNAUTHORIZED",
    title: "Access token not valid",
    details: z.undefined(),
    message: () => "The access token is not valid here. Log in again.",
  }),
  API_KEY_INVALID: defineError({
    trpcCode: "UNAUTHORIZED",
    title: "API key not valid",
    details: z.undefined(),
    message: () => "The API key is unknown, expired or revoked.",
  }),
  SCOPE_MISSING: defineError({
    trpcCode: "FORBIDDEN",
    title: "Scope missing",
    details: z.object({ scope: z.string() }),
    message: ({ scope }) => `The API key was not given the scope ${scope}, which this needs.`,
  }),
  SESSION_REQUIRED: defineError({
    trpcCode: "FORBIDDEN",
    title: "Not for API keys",
    details: z.undefined(),
    message: () => "No API key may do this. Sign in and use the access token.",
  }),
  REAUTHENTICATION_NEEDED: defineError({
    trpcCode: "FORBIDDEN",
    title: "Recent sign-in needed",
    details: z.undefined(),
    message: () => "Your sign-in is too long ago for this. Give your password again, then repeat it.",
  }),
  ROUTE_NOT_FOUND: defineError({
    trpcCode: "NOT_FOUND",
    title: "No such path",
    details: z.undefined(),
    message: () => "There is nothing at this path. The endpoints are listed at /docs.",
  }),
  METHOD_NOT_ALLOWED: defineError({
    trpcCode: "METHOD_NOT_SUPPORTED",
    title: "Method not allowed",
    details: z.object({ allowed: z.array(z.string()) }),
    message: ({ allowed }) => `This path answers ${allowed.join(" and ")} only.`,
  }),
  PAYLOAD_TOO_LARGE: defineError({
    trpcCode: "PAYLOAD_TOO_LARGE",
    title: "Request too large",
    details: z.undefined(),
    message: () => "The request body is too large. The limit is 64 KiB.",
  }),
  UNSUPPORTED_MEDIA_TYPE: defineError({
    trpcCode: "UNSUPPORTED_MEDIA_TYPE",
    title: "Content type not supported",
    details: z.undefined(),
    message: () => "Send the body as JSON, with `Content-Type: application/json`.",
  }),
  MALFORMED_REQUEST: defineError({
    trpcCode: "BAD_REQUEST",
    title: "Malformed request",
    details: z.undefined(),
    message: () => "The request could not be read. Check its URL, headers and body.",
  }),
  IDEMPOTENCY_KEY_INVALID: defineError({
    trpcCode: "BAD_REQUEST",
    title: "Idempotency key not valid",
    details: z.undefined(),
    message: () =>
      "The idempotency key cannot be used. Send one per request, of 1 to 255 visible ASCII characters, such as a UUID, with one mutation.",
  }),
  IDEMPOTENCY_KEY_REUSED: defineError({
    trpcCode: "UNPROCESSABLE_CONTENT",
    title: "Idempotency key used before",
    details: z.undefined(),
    message: () =>
      "This idempotency key has been used for another request within 24 hours. Take a new key for each thing you want done, and the same only to repeat it.",
  }),
  RATE_LIMITED: defineError({
    trpcCode: "TOO_MANY_REQUESTS",
    title: "Too many requests",
    details: z.object({
      policy: z.string().describe("Which limit was reached, as RateLimit-Policy names it"),
      retry_after_seconds: z.int(),
    }),
    message: ({ policy, retry_after_seconds }) =>
      `The limit ${policy} is reached. Try again in ${retry_after_seconds} ${retry_after_seconds === 1 ? "second" : "seconds"}.`,
  }),
  SERVER_OVERLOADED: defineError({
    trpcCode: "SERVICE_UNAVAILABLE",
    title: "Server overloaded",
    details: z.undefined(),
    message: () => "The service has more work than it can do right now. Try again in a few seconds.",
  }),
  DATABASE_UNAVAILABLE: defineError({
    trpcCode: "SERVICE_UNAVAILABLE",
    title: "Database unavailable",
    details: z.undefined(),
    message: () => "The service cannot reach its database right now. Try again in a few seconds.",
  }),
  INTERNAL_ERROR: defineError({
    trpcCode: "INTERNAL_SERVER_ERROR",
    title: "Internal error",
    details: z.undefined(),
    message: () => "Something went wrong on our side. Try again, and quote the request id if it stays.",
  }),
} as const;
