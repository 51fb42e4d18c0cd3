import { z } from "zod";
import { defineEndpoint } from "../endpoints/endpoint.ts";
import { auditLog, listAuditLogInput } from "./audit-log.schema.ts";
import { deletion, exportDataInput, exportPage, exportStart } from "./my-data.schema.ts";
import { usage } from "./usage.schema.ts";
import { preferences, profile, updatePreferencesInput, updateProfileInput } from "./users.schema.ts";

export const usersEndpoints = {
  profile: defineEndpoint({
    kind: "query",
    access: "users:read",
    rest: { method: "GET", path: "/users/profile", status: 200 },
    summary: "The signed-in user's profile with preferences",
    input: z.undefined(),
    output: profile,
    errors: [],
  }),
  update_profile: defineEndpoint({
    kind: "mutation",
    access: "users:write",
    weight: 5,
    rest: { method: "PUT", path: "/users/profile", status: 200 },
    summary: "Change your name",
    description: "The address is changed with auth.request_email_change.",
    input: updateProfileInput,
    output: profile,
    errors: [],
  }),
  update_preferences: defineEndpoint({
    kind: "mutation",
    access: "users:write",
    rest: { method: "PUT", path: "/users/preferences", status: 200 },
    summary: "Change preferences; fields that are left out keep their value",
    input: updatePreferencesInput,
    output: preferences,
    errors: ["PROTOCOL_UNKNOWN"],
  }),
  usage: defineEndpoint({
    kind: "query",
    access: "users:read",
    rest: { method: "GET", path: "/users/usage", status: 200 },
    summary: "Your plan, and how far you have used its limits",
    description:
      "The limits that your calls are counted against, as the RateLimit headers of every response tell them; this call is counted already.",
    input: z.undefined(),
    output: usage,
    errors: [],
  }),
  audit_log: defineEndpoint({
    kind: "query",
    access: "session",
    rest: { method: "GET", path: "/users/audit-log", status: 200 },
    summary: "What happened to the security of your account",
    description:
      "Newest first, unless sort says otherwise. Each event contains the hash of the one before, so that none can be changed or left out unnoticed.",
    input: listAuditLogInput,
    output: auditLog,
    errors: ["CURSOR_INVALID"],
  }),
  start_export: defineEndpoint({
    kind: "mutation",
    access: "recent_session",
    weight: 5,
    rest: { method: "POST", path: "/users/exports", status: 201 },
    summary: "Begin an export of everything that is stored about you",
    description: "Writes an event into your audit log. Read the records with users.export_records.",
    input: z.undefined(),
    output: exportStart,
    errors: [],
  }),
  export_records: defineEndpoint({
    kind: "query",
    access: "recent_session",
    weight: 10,
    rest: { method: "GET", path: "/users/exports/records", status: 200 },
    summary: "Everything that is stored about you, as JSON",
    description:
      "One record after the other, page by page, beginning with the cursor that users.start_export gives. No secrets are among them: they are stored as hashes only.",
    input: exportDataInput,
    output: exportPage,
    errors: ["CURSOR_INVALID", "EXPORT_NOT_STARTED"],
  }),
  export_data: defineEndpoint({
    kind: "query",
    access: "recent_session",
    weight: 10,
    rest: { method: "GET", path: "/users/export", status: 200 },
    summary: "The same as users.export_records",
    description:
      "It began an export when it was called without a cursor. Since that writes an event, which a query must not, users.start_export does so now.",
    input: exportDataInput,
    output: exportPage,
    errors: ["CURSOR_INVALID", "EXPORT_NOT_STARTED"],
    deprecation: { since: "2026-11-29", sunset: "2027-05-29", successor: "users.start_export" },
  }),
  schedule_deletion: defineEndpoint({
    kind: "mutation",
    access: "recent_session",
    weight: 5,
    rest: { method: "POST", path: "/users/deletion", status: 200 },
    summary: "Delete your account after 14 days",
    description:
      "Ends all sessions and revokes all API keys at once. Until the 14 days are over you can log in and cancel. Then personal data is erased; transactions and the other append-only facts stay under a pseudonym, your user id.",
    input: z.undefined(),
    output: deletion,
    errors: ["TOO_MANY_ATTEMPTS"],
  }),
  cancel_deletion: defineEndpoint({
    kind: "mutation",
    access: "session",
    rest: { method: "DELETE", path: "/users/deletion", status: 204 },
    summary: "Keep your account after all",
    input: z.undefined(),
    output: z.undefined(),
    errors: ["DELETION_NOT_SCHEDULED"],
  }),
} as const;
