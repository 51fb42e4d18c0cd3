import { z } from "zod";
import { defineError } from "../errors/define-error.ts";

export const passkeysErrors = {
  PASSKEY_CHALLENGE_INVALID: defineError({
    trpcCode: "BAD_REQUEST",
    title: "Passkey challenge not valid",
    details: z.undefined(),
    message: () => "The challenge is unknown, used, over, or another one's. Ask for a new one.",
    cause:
      "What the passkey has signed was used, is older than 5 minutes, was made for something else, or comes from another program or session.",
    remedy: "Ask for a new challenge, and have the passkey sign that.",
  }),
  PASSKEY_UNKNOWN: defineError({
    trpcCode: "BAD_REQUEST",
    title: "Passkey not known",
    details: z.undefined(),
    message: () => "No account has this passkey. It may have been removed.",
    cause: "The passkey was never added here, was removed, or its account is gone.",
    remedy:
      "Sign in another way. A browser can be told by PublicKeyCredential.signalUnknownCredential, so that it no longer offers it.",
  }),
  PASSKEY_REJECTED: defineError({
    trpcCode: "BAD_REQUEST",
    title: "Passkey not accepted",
    details: z.undefined(),
    message: () => "The answer of the passkey does not hold. Try again, on the site that it belongs to.",
    cause:
      "The signature is wrong, it is of another site, the device did not verify its user, or a passkey that is on one device only has counted backwards.",
    remedy:
      "Pass on what the browser gives as it is, with user verification, from an origin of this service. In the place of a code, use a passkey of the same account.",
  }),
  PASSKEY_TAKEN: defineError({
    trpcCode: "BAD_REQUEST",
    title: "Passkey already added",
    details: z.undefined(),
    message: () => "An account has this passkey already.",
    cause: "The same credential was added before.",
    remedy: "Use it, or make another one.",
  }),
  PASSKEY_LIMIT_REACHED: defineError({
    trpcCode: "BAD_REQUEST",
    title: "Too many passkeys",
    details: z.object({ limit: z.int() }),
    message: ({ limit }) => `You have ${limit} passkeys, which is the most. Remove one first.`,
    cause: "The user has as many passkeys as an account may have.",
    remedy: "Remove one that is no longer used: GET /api/v1/auth/passkeys tells when each was used last.",
    exampleDetails: { limit: 20 },
  }),
  PASSKEY_NOT_FOUND: defineError({
    trpcCode: "NOT_FOUND",
    title: "No such passkey",
    details: z.undefined(),
    message: () => "You have no passkey with this id.",
    cause: "None of the user's passkeys has this id.",
    remedy: "Read the ids from GET /api/v1/auth/passkeys.",
  }),
} as const;
