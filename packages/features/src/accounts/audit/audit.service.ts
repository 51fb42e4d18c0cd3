import type { AuditEvent, AuditLog, ListAuditLogInput } from "@obsqra/contract";
import { auditEvent } from "@obsqra/contract";
import type { Database, DatabaseTransaction } from "@obsqra/db";
import type { Actor } from "@obsqra/platform";
import {
  type ChainBreak,
  type ChainEnd,
  followLog,
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
  type NewAuditEvent,
  type NewAuditEventRow,
  prepareEvent,
} from "./audit-event.ts";
import { findListedLog } from "./chained-logs.queries.ts";
import { isEventWhole } from "./hash-event.ts";

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
 * The owner's security events.
 *
 * @throws AppError CURSOR_INVALID
 */
export async function getAuditLog(deps: AuditLogDependencies, input: ListAuditLogInput): Promise<AuditLog> {
  const { owner_id: user_id } = deps.actor;
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

/**
 * Follows a user's whole chain of events; what that proves, `followLog` says. An account is erased if, and only if, that is
 * what its log ends with.
 */
export async function verifyAuditChain(
  { db }: { readonly db: Database },
  user: { readonly id: string; readonly erased_at: Date | null },
): Promise<ChainEnd | ChainBreak> {
  const isErased = user.erased_at !== null;
  const listed = await findListedLog(db, { log: "audit", owner_id: user.id });
  let latestType: string | undefined;
  const log = {
    listAfter: (page: { position: number; limit: number }) =>
      listAuditEventsAfter(db, { user_id: user.id, ...page }),
    isContentWhole: (event: AuditEventRow) => {
      latestType = event.type;
      return isEventWhole(event, isErased);
    },
    oldFacts: ({ id, type, occurred_at }: AuditEventRow) => [id, type, occurred_at.toISOString()],
  };
  const reached = await followLog(log, listed);
  if ("fault" in reached || (latestType === "account_erased") === isErased) return reached;
  return { position: reached.position + 1, fault: "order" };
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
    owner_id: row.user_id,
    hash_version: row.hash_version,
    personal_hash: row.personal_hash === null ? null : toHex(row.personal_hash),
    content_hash: toHex(row.content_hash),
    previous_hash: toHex(row.previous_hash),
    hash: toHex(row.hash),
  });
}
