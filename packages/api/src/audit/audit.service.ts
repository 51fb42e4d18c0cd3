import type { AuditLog, ListAuditLogInput } from "@obsqra/contract";
import type { Database } from "@obsqra/db";
import type { Principal } from "../principal.ts";
import { insertAuditEvent } from "./audit.queries.ts";
import { type AuditEventDependencies, type NewAuditEvent, prepareEvent } from "./audit-event.ts";

/** Adds an event to a user's audit log. Give the transaction as `db` where the event and what it tells must agree. */
export async function recordEvent(
  deps: AuditEventDependencies & { readonly db: Database },
  event: NewAuditEvent,
): Promise<void> {
  await insertAuditEvent(deps.db, prepareEvent(deps, event));
}

export async function getAuditLog(
  _deps: { readonly db: Database; readonly principal: Principal },
  _input: ListAuditLogInput,
): Promise<AuditLog> {
  throw new Error("Not built yet.");
}
