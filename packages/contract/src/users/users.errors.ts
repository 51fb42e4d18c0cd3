import { z } from "zod";
import { defineError } from "../errors/define-error.ts";

export const usersErrors = {
  DELETION_NOT_SCHEDULED: defineError({
    trpcCode: "CONFLICT",
    title: "No deletion scheduled",
    details: z.undefined(),
    message: () => "Your account is not going to be deleted, so there is nothing to cancel.",
    cause: "Nobody has asked for this account to be deleted, or it was cancelled before.",
    remedy: "Nothing: the account stays.",
  }),
} as const;
