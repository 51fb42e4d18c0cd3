import { z } from "zod";
import { nextCursor, timePageFields, timestamp } from "../common/common.schema.ts";
import { storedJsonObject } from "../common/json-object.ts";
import { whole } from "../figures/figures.ts";

/** What can happen to the security of an account. */
const auditEventType = z
  .enum([
    "registered",
    "logged_in",
    "login_failed",
    "reauthenticated",
    "logged_out",
    "logged_out_everywhere",
    "session_revoked",
    "refresh_token_replayed",
    "second_factor_asked",
    "second_factor_failed",
    "second_factor_enabled",
    "second_factor_disabled",
    "recovery_codes_renewed",
    "recovery_code_used",
    "device_remembered",
    "device_forgotten",
    "passkey_added",
    "passkey_renamed",
    "passkey_removed",
    "identity_linked",
    "identity_unlinked",
    "sessions_ended_by_provider",
    "password_changed",
    "password_reset_requested",
    "password_reset",
    "email_verification_requested",
    "email_verified",
    "email_change_requested",
    "email_change_confirmed",
    "email_changed",
    "profile_changed",
    "wallet_linked",
    "wallet_unlinked",
    "wallet_refused",
    "primary_wallet_changed",
    "api_key_created",
    "api_key_revoked",
    "webhook_created",
    "webhook_changed",
    "webhook_secret_rotated",
    "webhook_deleted",
    "organisation_created",
    "organisation_renamed",
    "organisation_transferred",
    "member_invited",
    "invitation_revoked",
    "member_joined",
    "member_left",
    "member_removed",
    "member_role_changed",
    "data_exported",
    "deletion_scheduled",
    "deletion_cancelled",
    "sessions_ended_by_operator",
    "plan_changed_by_operator",
    "operator_rights_granted",
    "operator_rights_withdrawn",
    "job_run_requested",
    "job_retried",
    "job_paused",
    "job_resumed",
    "market_feed_accepted",
    "account_erased",
  ])
  .meta({ id: "AuditEventType" });
export type AuditEventType = z.output<typeof auditEventType>;

export const auditEvent = z
  .object({
    id: z.uuid(),
    position: whole("position in the log")
      .positive()
      .describe("1 for the first event of the account, then without gaps"),
    type: auditEventType,
    occurred_at: timestamp,
    ip: z.string().nullable(),
    user_agent: z.string().nullable().describe("The device, as it describes itself"),
    details: storedJsonObject,
    salt: z.string().nullable().describe("Hexadecimal; random, a part of what is hashed"),
    owner_id: z.uuid().describe("Whose log it is"),
    hash_version: whole("version")
      .min(1)
      .max(2)
      .describe("2, and 1 for events from before owner and position were hashed"),
    personal_hash: z
      .string()
      .nullable()
      .describe(
        "SHA-256, hexadecimal, of the fields details, ip, salt and user_agent as canonical JSON (RFC 8785); null in version 1",
      ),
    content_hash: z
      .string()
      .describe(
        "SHA-256, hexadecimal, of the event as canonical JSON (RFC 8785) with the fields hash_version, id, occurred_at, owner_id, personal_hash, position and type; in version 1 with details, id, ip, occurred_at, salt, type and user_agent",
      ),
    previous_hash: z.string().describe("hash of the event before; 64 zeros for the first"),
    hash: z.string().describe("SHA-256, hexadecimal, of the bytes of previous_hash and content_hash"),
  })
  .meta({ id: "AuditEvent" });
export type AuditEvent = z.output<typeof auditEvent>;

export const listAuditLogInput = z
  .object({ type: auditEventType.optional(), ...timePageFields })
  .meta({ id: "ListAuditLogInput" })
  .prefault({});
export type ListAuditLogInput = z.output<typeof listAuditLogInput>;

export const auditLog = z
  .object({ items: z.array(auditEvent), next_cursor: nextCursor })
  .meta({ id: "AuditLog" });
export type AuditLog = z.output<typeof auditLog>;
