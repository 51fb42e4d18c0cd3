import { z } from "zod";
import { defineError, retryLater } from "../errors/define-error.ts";

/** What is wrong with one field of the input. */
const fieldIssue = z
  .object({
    path: z.string().describe("Field, dotted, such as details.note; empty for the whole input"),
    message: z.string(),
  })
  .meta({ id: "FieldIssue" });
export type FieldIssue = z.output<typeof fieldIssue>;

/** Errors that any endpoint can give. */
export const commonErrors = {
  MALFORMED_JSON: defineError({
    trpcCode: "PARSE_ERROR",
    title: "Malformed JSON",
    details: z.undefined(),
    message: () =>
      "The body, or the `input` parameter, is not valid JSON. Check for missing quotes, commas or brackets.",
    cause:
      "The body was announced as JSON, or a query over tRPC has an `input` parameter, and cannot be parsed as such.",
    remedy: "Print what you send. Make it with a JSON library, not by joining strings.",
  }),
  JSON_AMBIGUOUS: defineError({
    trpcCode: "BAD_REQUEST",
    title: "JSON not exact",
    details: z.object({ issues: z.array(fieldIssue) }),
    message: ({ issues }) =>
      `The JSON could not be kept exactly as it was sent: ${issues
        .map((issue) => `${issue.path === "" ? "the whole" : issue.path}: ${issue.message}`)
        .join("; ")}.`,
    cause:
      "Reading the JSON would change it, or readers would understand it differently (RFC 7493): it has bytes that are not UTF-8, a name twice in one object, a number that a double does not keep, such as 9007199254740993, or half of a surrogate pair. Names `__proto__` and more than 64 levels are refused, too. Nothing was done.",
    remedy:
      "Correct the place that details.issues names. Send whole numbers beyond 2^53, such as amounts in wei, as strings.",
    exampleDetails: {
      issues: [
        {
          path: "details.wei",
          message: "write 1234567890123456789 as text: a JSON number does not keep it exactly",
        },
      ],
    },
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
    cause:
      "The input could be read, but a field is missing, of another type or outside of its limits. Nothing was done.",
    remedy:
      "Correct the fields that details.issues names: path is the field, dotted, and message says what it should be.",
    exampleDetails: {
      issues: [{ path: "amount", message: 'write amounts as strings, such as "1250.5"' }],
    },
  }),
  UNAUTHENTICATED: defineError({
    trpcCode: "UNAUTHORIZED",
    title: "Sign-in needed",
    details: z.undefined(),
    message: () => "Sign in first: send the access token as `Authorization: Bearer <token>`.",
    cause: "The operation is for signed-in users, and no token came along.",
    remedy: "Send `Authorization: Bearer <token>`, with an access token or an API key.",
  }),
  TOKEN_EXPIRED: defineError({
    trpcCode: "UNAUTHORIZED",
    title: "Access token expired",
    details: z.undefined(),
    message: () => "The access token has expired. Get a new one with your refresh token, or log in again.",
    cause: "The access token is older than the expires_in seconds that it was given for.",
    remedy:
      "Exchange your refresh token at POST /api/v1/auth/refresh and repeat the request with the new access token.",
  }),
  TOKEN_INVALID: defineError({
    trpcCode: "UNAUTHORIZED",
    title: "Access token not valid",
    details: z.undefined(),
    message: () => "The access token is not valid here. Log in again.",
    cause: "The access token was not made by this server, or its session has ended, or its user is gone.",
    remedy: "Log in again, or exchange your refresh token at POST /api/v1/auth/refresh.",
  }),
  API_KEY_INVALID: defineError({
    trpcCode: "UNAUTHORIZED",
    title: "API key not valid",
    details: z.undefined(),
    message: () => "The API key is unknown, expired or revoked.",
    cause: "No API key that works begins and ends like this one: it may have expired or been revoked.",
    remedy: "Make a new key at POST /api/v1/auth/api-keys and put it in the place of the old one.",
  }),
  SCOPE_MISSING: defineError({
    trpcCode: "FORBIDDEN",
    title: "Scope missing",
    details: z.object({ scope: z.string() }),
    message: ({ scope }) => `The API key was not given the scope ${scope}, which this needs.`,
    cause: "The request came with an API key that may do other things, but not this.",
    remedy: "Make a key with the scope that details.scope names. A key's scopes never change.",
    exampleDetails: { scope: "transactions:write" },
  }),
  SESSION_REQUIRED: defineError({
    trpcCode: "FORBIDDEN",
    title: "Not for API keys",
    details: z.undefined(),
    message: () => "No API key may do this. Sign in and use the access token.",
    cause: "The request came with an API key, and the operation concerns the account itself.",
    remedy: "Sign in with email and password and send the access token.",
  }),
  REAUTHENTICATION_NEEDED: defineError({
    trpcCode: "FORBIDDEN",
    title: "Recent sign-in needed",
    details: z.undefined(),
    message: () =>
      "Your sign-in is too long ago for this. Give your password, a code or a passkey; then repeat it.",
    cause: "The operation protects the account, and its user signed in too long ago.",
    remedy:
      "Ask the user for the password, for a code where auth.second_factor says that it is on, or for a passkey, send it to POST /api/v1/auth/reauthenticate, and repeat the request with the new access token.",
  }),
  ROUTE_NOT_FOUND: defineError({
    trpcCode: "NOT_FOUND",
    title: "No such path",
    details: z.undefined(),
    message: () => "There is nothing at this path. The endpoints are listed at /docs.",
    cause: "No operation has this path. Paths are case-sensitive and begin with /api/v1.",
    remedy: "Compare the path with the one in /docs.",
  }),
  METHOD_NOT_ALLOWED: defineError({
    trpcCode: "METHOD_NOT_SUPPORTED",
    title: "Method not allowed",
    details: z.object({ allowed: z.array(z.string()) }),
    message: ({ allowed }) => `This path takes ${allowed.join(" and ")} only.`,
    cause: "The path exists, but not with this method.",
    remedy: "Use one of the methods in details.allowed, which the Allow header names, too.",
    exampleDetails: { allowed: ["GET", "POST"] },
  }),
  PAYLOAD_TOO_LARGE: defineError({
    trpcCode: "PAYLOAD_TOO_LARGE",
    title: "Request too large",
    details: z.undefined(),
    message: () => "The request body is too large. The limit is 64 KiB.",
    cause: "The body has more than 65,536 bytes.",
    remedy: "Send less at once: one transaction per request, and details of at most 16 KiB.",
  }),
  UNSUPPORTED_MEDIA_TYPE: defineError({
    trpcCode: "UNSUPPORTED_MEDIA_TYPE",
    title: "Content type not supported",
    details: z.undefined(),
    message: () => "Send the body as JSON in UTF-8, with `Content-Type: application/json`.",
    cause:
      "The body came with another content type than application/json, or with a charset other than UTF-8. A body without a byte may have any.",
    remedy: "Set `Content-Type: application/json`. curl sends forms unless it is told otherwise.",
  }),
  UNSUPPORTED_CONTENT_ENCODING: defineError({
    trpcCode: "UNSUPPORTED_MEDIA_TYPE",
    title: "Content encoding not supported",
    details: z.undefined(),
    message: () => "Send the body as it is, without `Content-Encoding`.",
    cause:
      "The body came compressed, or encoded in another way, as its Content-Encoding or Transfer-Encoding says.",
    remedy:
      "Turn off the compression of requests in your HTTP library. Bodies have at most 64 KiB in any case.",
  }),
  MALFORMED_REQUEST: defineError({
    trpcCode: "BAD_REQUEST",
    title: "Malformed request",
    details: z.undefined(),
    message: () => "The request could not be read. Check its URL, headers and body.",
    cause:
      "The bytes could not be read as a request: a URL with `%` that no two hexadecimal digits of UTF-8 follow, or with other characters than ASCII, a broken header, or one twice that may come once. The status is 431 for headers above 16 KiB, and 408 for a request that took too long to arrive.",
    remedy: "Send it with an HTTP library, and percent-encode what you put into the URL.",
  }),
  IDEMPOTENCY_KEY_INVALID: defineError({
    trpcCode: "BAD_REQUEST",
    title: "Idempotency key not valid",
    details: z.undefined(),
    message: () =>
      "The idempotency key cannot be used. Send one per request, of 1 to 255 visible ASCII characters, such as a UUID, with one mutation.",
    cause:
      "The Idempotency-Key is empty, longer than 255 characters, has others than visible ASCII, or came with several calls in one request.",
    remedy: "Send a UUID, a new one for each thing that you want done.",
  }),
  IDEMPOTENCY_KEY_REUSED: defineError({
    trpcCode: "UNPROCESSABLE_CONTENT",
    title: "Idempotency key used before",
    details: z.undefined(),
    message: () =>
      "This idempotency key has been used for another request within 24 hours. Take a new key for each thing you want done, and the same only to repeat it.",
    cause:
      "Within the last 24 hours the same user sent the same key with another operation or another input.",
    remedy:
      "If you want something else done, take a new key. If you want to repeat a request, send exactly the same input.",
  }),
  IDEMPOTENCY_REPLY_GONE: defineError({
    trpcCode: "CONFLICT",
    title: "Response no longer replayed",
    details: z.undefined(),
    message: () =>
      "What you asked for with this idempotency key was done. Its response had credentials, which are replayed for a minute only.",
    cause:
      "The same request with the same key succeeded, and gave tokens or an API key: more than 60 seconds ago, or the session of the tokens has ended, or the key was revoked, since.",
    remedy:
      "Sign in, or make another API key with a new idempotency key and revoke the one that you did not receive.",
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
    cause: "A limit of calls is used up: that of your address, your key, your account or your plan.",
    remedy:
      "Wait the seconds in Retry-After. To stay below the limit, read the RateLimit header of every response and slow down before r reaches 0.",
    exampleDetails: { policy: "user", retry_after_seconds: 12 },
  }),
  SERVER_OVERLOADED: defineError({
    trpcCode: "SERVICE_UNAVAILABLE",
    title: "Server overloaded",
    details: z.undefined(),
    message: () => "The service has more work than it can do right now. Try again in a few seconds.",
    cause: "The service sheds load, so that what it has begun is finished in time. Nothing was done.",
    remedy: retryLater,
  }),
  DATABASE_UNAVAILABLE: defineError({
    trpcCode: "SERVICE_UNAVAILABLE",
    title: "Database unavailable",
    details: z.undefined(),
    message: () => "The service cannot reach its database right now. Try again in a few seconds.",
    cause: "The service has lost its database for the moment. Nothing was done, as far as it knows.",
    remedy: retryLater,
  }),
  INTERNAL_ERROR: defineError({
    trpcCode: "INTERNAL_SERVER_ERROR",
    title: "Internal error",
    details: z.undefined(),
    message: () => "Something went wrong on our side. Try again, and quote the request id if it stays.",
    cause: "A bug in the service. Its cause is in the service's log, under the request_id.",
    remedy:
      "Send the same request once more, with the same Idempotency-Key if it changes something. If it fails again, tell the operator the request_id.",
  }),
} as const;
