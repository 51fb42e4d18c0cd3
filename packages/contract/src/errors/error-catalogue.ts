import type { z } from "zod";
import { analyticsErrors } from "../analytics/analytics.errors.ts";
import { authErrors } from "../auth/auth.errors.ts";
import { identitiesErrors } from "../auth/identities.errors.ts";
import { passkeysErrors } from "../auth/passkeys.errors.ts";
import { isOperatorAccess, type Scope } from "../auth/scope.ts";
import { secondFactorErrors } from "../auth/second-factor.errors.ts";
import { walletsErrors } from "../auth/wallets.errors.ts";
import { commonErrors } from "../common/common.errors.ts";
import type { Access } from "../endpoints/endpoint.ts";
import { eventsErrors } from "../events/events.errors.ts";
import { operationsErrors } from "../operations/operations.errors.ts";
import { organisationsErrors } from "../organisations/organisations.errors.ts";
import { isOfOrganisations, type Permission, permissionOf } from "../organisations/permission.ts";
import { predictionsErrors } from "../predictions/predictions.errors.ts";
import { receiptsErrors } from "../receipts/receipts.errors.ts";
import { transactionsErrors } from "../transactions/transactions.errors.ts";
import { usersErrors } from "../users/users.errors.ts";
import { webhooksErrors } from "../webhooks/webhooks.errors.ts";

/** Every error that the service gives. Anything else is a bug and becomes INTERNAL_ERROR. */
export const errorCatalogue = {
  ...commonErrors,
  ...authErrors,
  ...secondFactorErrors,
  ...passkeysErrors,
  ...identitiesErrors,
  ...walletsErrors,
  ...usersErrors,
  ...organisationsErrors,
  ...analyticsErrors,
  ...predictionsErrors,
  ...receiptsErrors,
  ...transactionsErrors,
  ...operationsErrors,
  ...eventsErrors,
  ...webhooksErrors,
} as const;

/** Closed union of the stable error codes: programs decide on these, never on messages. */
export type ErrorCode = keyof typeof errorCatalogue;

/** The facts that an error of this code carries. */
export type ErrorDetails<TCode extends ErrorCode> = z.output<(typeof errorCatalogue)[TCode]["details"]>;

/** Codes that any endpoint can give, on top of those it declares. */
export const sharedErrorCodes = [
  "MALFORMED_JSON",
  "JSON_AMBIGUOUS",
  "MALFORMED_REQUEST",
  "VALIDATION_FAILED",
  "PAYLOAD_TOO_LARGE",
  "UNSUPPORTED_MEDIA_TYPE",
  "UNSUPPORTED_CONTENT_ENCODING",
  "RATE_LIMITED",
  "SERVER_OVERLOADED",
  "DATABASE_UNAVAILABLE",
  "INTERNAL_ERROR",
] as const satisfies readonly ErrorCode[];

/** Codes that any endpoint can give, unless it is public. */
export const signedInErrorCodes = [
  "UNAUTHENTICATED",
  "TOKEN_EXPIRED",
  "TOKEN_INVALID",
  "API_KEY_INVALID",
] as const satisfies readonly ErrorCode[];

/** Codes that any mutation can give when it is called with an idempotency key. */
export const mutationErrorCodes = [
  "IDEMPOTENCY_KEY_INVALID",
  "IDEMPOTENCY_KEY_REUSED",
  "IDEMPOTENCY_REPLY_GONE",
] as const satisfies readonly ErrorCode[];

/** The codes that an endpoint's access adds to those that it declares; of one that may be closed, those that it has then. */
export function accessErrorCodes(endpoint: {
  readonly access: Access;
  readonly closedAccess?: Scope;
  readonly permission?: Permission;
  readonly isPersonal?: boolean;
}): readonly ErrorCode[] {
  const asked = endpoint.closedAccess ?? endpoint.access;
  if (asked === "public") return [];
  return [...callerErrorCodes(asked), ...ownerErrorCodes(permissionOf(endpoint))];
}

function callerErrorCodes(asked: Exclude<Access, "public">): readonly ErrorCode[] {
  switch (asked) {
    case "session":
      return [...signedInErrorCodes, "SESSION_REQUIRED"];
    case "recent_session":
      return [...signedInErrorCodes, "SESSION_REQUIRED", "REAUTHENTICATION_NEEDED"];
    default:
      return [
        ...signedInErrorCodes,
        "SCOPE_MISSING",
        ...(isOperatorAccess(asked) ? (["OPERATOR_REQUIRED"] as const) : []),
      ];
  }
}

/** The codes that say for whom an endpoint may be called, by what a member's role has to let them do. */
function ownerErrorCodes(permission: Permission | undefined): readonly ErrorCode[] {
  if (permission === undefined) return ["ACCOUNT_ONLY"];
  const ofMembers = ["ORGANISATION_NOT_FOUND", "ROLE_INSUFFICIENT"] as const;
  return isOfOrganisations(permission) ? [...ofMembers, "ORGANISATION_REQUIRED"] : ofMembers;
}
