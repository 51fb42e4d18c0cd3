import { z } from "zod";
import { defineError } from "../define-error.ts";

export const usersErrors = {
  DELETION_NOT_SCHEDULED: defineError({
    trpcCode: "CONFLICT",
    title: "No deletion scheduled",
    details: z.undefined(),
    message: () => "Your account is not going to be deleted, so there is nothing to cancel.",
  }),
} as const;
