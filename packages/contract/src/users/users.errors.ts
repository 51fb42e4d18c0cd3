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
  STORAGE_FULL: defineError({
    trpcCode: "CONFLICT",
    title: "Storage used up",
    details: z.object({
      quota_bytes: z.int().describe("What the plan has room for"),
      stored_bytes: z.int().describe("What is stored: users.usage tells it, too"),
    }),
    message: ({ quota_bytes, stored_bytes }) =>
      `Your plan has room for ${toMebibytes(quota_bytes)} of transactions and suggestions, and ${toMebibytes(stored_bytes)} are stored. Nothing was stored.`,
    cause:
      "The transactions and suggestions of the account take as much room as its plan has. Neither can be deleted, since the log proves itself by being whole.",
    remedy: "Ask the operator for a larger plan. Shorter details take less room from the beginning.",
    exampleDetails: { quota_bytes: 67_108_864, stored_bytes: 67_112_345 },
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

function toMebibytes(bytes: number): string {
  return `${(bytes / 1024 ** 2).toFixed(1)} MiB`;
}
