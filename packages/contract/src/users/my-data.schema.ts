import { z } from "zod";
import { cursor, nextCursor, seriesLimit, timestamp } from "../common/common.schema.ts";
import { storedJsonObject } from "../common/json-object.ts";

export const exportStart = z
  .object({
    started_at: timestamp,
    cursor: z.string().min(1).max(512).describe("Pass as cursor to users.export_records for the first page"),
    expires_at: timestamp.describe("Until then this export can be read"),
  })
  .meta({ id: "ExportStart" });
export type ExportStart = z.output<typeof exportStart>;

export const exportDataInput = z
  .object({ limit: seriesLimit, cursor: cursor.optional() })
  .meta({ id: "ExportDataInput" })
  .prefault({});
export type ExportDataInput = z.output<typeof exportDataInput>;

/** One record of what is stored about a user. */
export const exportRecord = z
  .object({
    kind: z.enum([
      "profile",
      "wallet",
      "session",
      "second_factor",
      "remembered_device",
      "passkey",
      "identity",
      "api_key",
      "audit_event",
      "transaction",
      "transaction_entry",
      "allocation",
      "suggestion",
      "webhook",
      "webhook_delivery",
      "webhook_attempt",
      "alert",
      "membership",
      "organisation",
      "member",
      "invitation",
    ]),
    data: storedJsonObject,
  })
  .meta({ id: "ExportRecord" });
export type ExportRecord = z.output<typeof exportRecord>;

export const exportPage = z
  .object({
    exported_at: timestamp,
    items: z.array(exportRecord),
    next_cursor: nextCursor,
  })
  .meta({ id: "ExportPage" });
export type ExportPage = z.output<typeof exportPage>;

export const deletion = z
  .object({
    erased_after: timestamp.describe("Until then it can be cancelled; then personal data is erased for good"),
  })
  .meta({ id: "Deletion" });
export type Deletion = z.output<typeof deletion>;
