import type { AuditEvent, AuditLog, ListAuditLogInput } from "@obsqra/contract";
import { auditEvent } from "@obsqra/contract";
import type { Database, DatabaseTransaction } from "@obsqra/db";
import { z } from "zod";
import { decodeCursor, toPage } from "../cursor.ts";
import type { Principal } from "../principal.ts";
import {
  type AuditEventRow,
  eraseAuditEvents,
  insertAuditEvent,
  listAuditEvents,
  listAuditEventsAfter,
} from "./audit.queries.ts";
import { type ChainBreak, type ChainEnd, chainStart, followChain } from "./audit-chain.ts";
import { type AuditEventDependencies, type NewAuditEvent, prepareEvent } from "./audit-event.ts";

/** What reading one's own audit log uses. */
export interface AuditLogDependencies {
  readonly db: Database;
  readonly principal: Principal;
}

const pageKey = z.tuple([z.literal("audit_log"), z.string().regex(/^[1-9]\d{0,17}$/)]);

/** How many events are followed at a time; each holds about a kilobyte. */
const eventsAtOnce = 1000;

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
 * The user's security events, newest first.
 *
 * @throws AppError CURSOR_INVALID
 */
export async function getAuditLog(deps: AuditLogDependencies, input: ListAuditLogInput): Promise<AuditLog> {
  const rows = await listAuditEvents(deps.db, {
    user_id: deps.principal.user_id,
    type: input.type,
    before: decodeCursor(input.cursor, pageKey)?.[1],
    limit: input.limit + 1,
  });
  const page = toPage(rows, input.limit, (row) => ["audit_log", row.position]);
  return { items: page.items.map(toEvent), next_cursor: page.next_cursor };
}

/** Follows a user's whole chain of events; what that proves, `followChain` says. */
export async function verifyAuditChain(
  deps: { readonly db: Database },
  user: { readonly id: string; readonly erased_at: Date | null },
): Promise<ChainEnd | ChainBreak> {
  let end = chainStart;
  let events: AuditEventRow[];
  do {
    events = await listAuditEventsAfter(deps.db, {
      user_id: user.id,
      position: end.position,
      limit: eventsAtOnce,
    });
    const reached = followChain(end, events, user.erased_at !== null);
    if ("fault" in reached) return reached;
    end = reached;
  } while (events.length === eventsAtOnce);
  return end;
}

/** Takes everything personal out of the events of an account that is being erased; their chain stays. */
export async function eraseEvents(deps: { readonly db: DatabaseTransaction }, userId: string): Promise<void> {
  await eraseAuditEvents(deps.db, userId);
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

function toHex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("hex");
}
