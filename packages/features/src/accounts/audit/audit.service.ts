import type { AuditEvent, AuditLog, ListAuditLogInput } from "@obsqra/contract";
import { auditEvent } from "@obsqra/contract";
import type { Database, DatabaseTransaction } from "@obsqra/db";
import type { Actor } from "@obsqra/platform";
import {
  areHashesEqual,
  type ChainBreak,
  type ChainEnd,
  followChain,
  positionInKey,
  readCursor,
  toHex,
  toPage,
} from "@obsqra/platform";
import { z } from "zod";
import {
  type AuditEventRow,
  insertAuditEvent,
  listAuditEvents,
  listAuditEventsAfter,
} from "./audit.queries.ts";
import {
  type AuditEventDependencies,
  hashEventContent,
  type NewAuditEvent,
  type NewAuditEventRow,
  prepareEvent,
} from "./audit-event.ts";

/** What reading one's own audit log uses. */
export interface AuditLogDependencies {
  readonly db: Database;
  readonly actor: Actor;
}

const pageKey = z.tuple([positionInKey]);

/**
 * Adds an event to a user's audit log. Give the transaction as `db` where the event and what it tells must agree, and add
 * it last: until the transaction ends, other events of this user have to wait.
 */
export async function recordEvent(
  deps: AuditEventDependencies & { readonly db: Database },
  event: NewAuditEvent,
): Promise<void> {
  await insertAuditEvent(deps.db, prepareEvent(deps, event));
}

/**
 * Adds an event that was prepared before. Add it last: until the transaction ends, other events of this user have to wait.
 */
export async function storeEvent(trx: DatabaseTransaction, row: NewAuditEventRow): Promise<void> {
  await insertAuditEvent(trx, row);
}

/**
 * The user's security events.
 *
 * @throws AppError CURSOR_INVALID
 */
export async function getAuditLog(deps: AuditLogDependencies, input: ListAuditLogInput): Promise<AuditLog> {
  const { user_id } = deps.actor;
  const view = { list: "audit_log", owner_id: user_id, input };
  const rows = await listAuditEvents(deps.db, {
    user_id,
    type: input.type,
    sort: input.sort,
    after: readCursor(view, pageKey)?.[0],
    limit: input.limit + 1,
  });
  const page = toPage(view, rows, (row) => [row.position]);
  return { items: page.items.map(toEvent), next_cursor: page.next_cursor };
}

/** Follows a user's whole chain of events; what that proves, `followChain` says. */
export async function verifyAuditChain(
  deps: { readonly db: Database },
  user: { readonly id: string; readonly erased_at: Date | null },
): Promise<ChainEnd | ChainBreak> {
  return followChain({
    listAfter: (page) => listAuditEventsAfter(deps.db, { user_id: user.id, ...page }),
    isContentWhole: (event) => isContentWhole(event, user.erased_at !== null),
  });
}

/** @param isErased whether the account is, so that its events may be without content */
function isContentWhole({ salt, ...event }: AuditEventRow, isErased: boolean): boolean {
  // Without its salt, which goes in an erasure only, the content of an event cannot be checked.
  return salt === null ? isErased : areHashesEqual(event.content_hash, hashEventContent({ ...event, salt }));
}

function toEvent(row: AuditEventRow): AuditEvent {
  return auditEvent.parse({
    id: row.id,
    position: Number(row.position),
    type: row.type,
    occurred_at: row.occurred_at.toISOString(),
    ip: row.ip,
    user_agent: row.user_agent,
    details: row.details,
    salt: row.salt === null ? null : toHex(row.salt),
    content_hash: toHex(row.content_hash),
    previous_hash: toHex(row.previous_hash),
    hash: toHex(row.hash),
  });
}
