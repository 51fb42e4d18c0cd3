import { z } from "zod";
import { defineError, retryLater } from "../errors/define-error.ts";

export const identitiesErrors = {
  IDENTITY_PROVIDER_UNKNOWN: defineError({
    trpcCode: "NOT_FOUND",
    title: "No such provider",
    details: z.undefined(),
    message: () => "Nobody signs in by a provider of this name here.",
    cause: "The operator has configured no provider with this id.",
    remedy: "Read the ids from GET /api/v1/auth/identity-providers.",
  }),
  IDENTITY_PROVIDER_UNAVAILABLE: defineError({
    trpcCode: "SERVICE_UNAVAILABLE",
    title: "Provider not reachable",
    details: z.undefined(),
    message: () => "The provider does not answer. Try again in a moment, or sign in another way.",
    cause: "The provider did not respond in time, responded with a failure, or cannot be reached.",
    remedy: `${retryLater} Begin anew if the attempt is over meanwhile.`,
  }),
  IDENTITY_ATTEMPT_INVALID: defineError({
    trpcCode: "BAD_REQUEST",
    title: "Attempt to sign in not valid",
    details: z.undefined(),
    message: () => "The attempt is unknown, used, over, or another browser's. Begin again.",
    cause:
      "The attempt was used, is older than 10 minutes, was begun for something else, by another program or by another user, or its provider is no longer offered.",
    remedy: "Begin anew, in the browser that is to be signed in.",
  }),
  IDENTITY_REJECTED: defineError({
    trpcCode: "BAD_REQUEST",
    title: "Answer of the provider not accepted",
    details: z.object({
      provider_error: z
        .string()
        .nullable()
        .describe("What the provider says itself, in the words of OAuth, such as access_denied"),
    }),
    message: ({ provider_error }) =>
      provider_error === null
        ? "What the provider has answered does not hold. Begin again."
        : `The provider has refused: ${provider_error}. Begin again, or sign in another way.`,
    cause:
      "The user has cancelled, or what came back is not what was asked for: another browser's state, another issuer, a code that was used, or a token that is over, for somebody else, or not signed by the provider.",
    remedy:
      "Begin anew, and pass on what came back as it is. The log of the service names the reason for its operator.",
    exampleDetails: { provider_error: "access_denied" },
  }),
  IDENTITY_EMAIL_UNVERIFIED: defineError({
    trpcCode: "FORBIDDEN",
    title: "Address not verified by the provider",
    details: z.undefined(),
    message: () => "The provider does not say that your email address is yours. Verify it there first.",
    cause:
      "The provider gives no address, or does not say that it has verified it: anybody could have entered it there.",
    remedy: "Verify the address at the provider, then begin anew; or sign in another way.",
  }),
  IDENTITY_LINK_NEEDED: defineError({
    trpcCode: "CONFLICT",
    title: "Account exists and is not linked",
    details: z.undefined(),
    message: () =>
      "An account with this address exists. Sign in to it, then link the provider in its settings.",
    cause:
      "The identity is linked to no account, and somebody has registered with its address. An address alone links nothing.",
    remedy:
      "Have the user sign in to the account in another way, with a new password by mail if need be, and link the identity then.",
  }),
  IDENTITY_EMAIL_DIFFERS: defineError({
    trpcCode: "CONFLICT",
    title: "Address of another account",
    details: z.undefined(),
    message: () =>
      "The identity has another address than your account. Only one with the same can be linked.",
    cause: "The addresses that the provider has verified are not that of the account.",
    remedy:
      "Choose the identity with the address of the account, or change the address of the account first.",
  }),
  IDENTITY_TAKEN: defineError({
    trpcCode: "CONFLICT",
    title: "Identity already linked",
    details: z.undefined(),
    message: () => "An account has this identity already.",
    cause: "The identity was linked before, to this account or to another.",
    remedy: "Sign in by it, or unlink it in the account that has it.",
  }),
  IDENTITY_LIMIT_REACHED: defineError({
    trpcCode: "BAD_REQUEST",
    title: "Too many identities",
    details: z.object({ limit: z.int() }),
    message: ({ limit }) => `You have ${limit} identities, which is the most. Unlink one first.`,
    cause: "The user has as many identities as an account may have.",
    remedy: "Unlink one that is no longer used: GET /api/v1/auth/identities tells when each was used last.",
    exampleDetails: { limit: 10 },
  }),
  IDENTITY_NOT_FOUND: defineError({
    trpcCode: "NOT_FOUND",
    title: "No such identity",
    details: z.undefined(),
    message: () => "You have no identity with this id.",
    cause: "None of the user's identities has this id.",
    remedy: "Read the ids from GET /api/v1/auth/identities.",
  }),
} as const;
