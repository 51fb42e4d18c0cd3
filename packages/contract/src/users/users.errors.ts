import { z } from "zod";
import { defineError } from "../errors/define-error.ts";

export const usersErrors = {
  EXPORT_NOT_STARTED: defineError({
    trpcCode: "CONFLICT",
    title: "No export begun",
    details: z.undefined(),
    message: () => "Begin an export with users.start_export, and read it with the cursor that it gives.",
    cause: "Every export leaves an event in the audit log, and reading writes none: users.start_export does.",
    remedy: "Call users.start_export, then ask again with its cursor.",
  }),
  DELETION_NOT_SCHEDULED: defineError({
    trpcCode: "CONFLICT",
    title: "No deletion scheduled",
    details: z.undefined(),
    message: () => "Your account is not going to be deleted, so there is nothing to cancel.",
    cause: "Nobody has asked for this account to be deleted, or it was cancelled before.",
    remedy: "Nothing: the account stays.",
  }),
} as const;
