import type { ListSessionsInput, Session } from "@obsqra/contract";
import type { Database } from "@obsqra/db";
import { decodeCursor, idKey, toPage } from "../cursor.ts";
import type { SessionPrincipal } from "../principal.ts";
import { listSessions, type SessionRow } from "./session-history.queries.ts";

/** A session that may be over. */
export interface PastSession extends Session {
  readonly revoked_at: string | null;
  readonly revoke_reason: string | null;
}

const pageKey = idKey("session_history");

/**
 * Every session of the user that is stored, newest first, also those that are over.
 *
 * @throws AppError CURSOR_INVALID
 */
export async function getSessionHistory(
  deps: { readonly db: Database; readonly principal: SessionPrincipal },
  input: ListSessionsInput,
): Promise<{ items: PastSession[]; next_cursor: string | null }> {
  const { user_id, session_id } = deps.principal;
  const before = decodeCursor(input.cursor, pageKey)?.[1];
  const rows = await listSessions(deps.db, { user_id, before, limit: input.limit + 1 });
  const page = toPage(rows, input.limit, (row) => ["session_history", row.id]);
  return { items: page.items.map((row) => toPastSession(row, session_id)), next_cursor: page.next_cursor };
}

function toPastSession(row: SessionRow, currentId: string): PastSession {
  return {
    id: row.id,
    is_current: row.id === currentId,
    ip: row.ip,
    user_agent: row.user_agent,
    created_at: row.created_at.toISOString(),
    last_used_at: row.last_used_at.toISOString(),
    expires_at: row.expires_at.toISOString(),
    revoked_at: row.revoked_at?.toISOString() ?? null,
    revoke_reason: row.revoke_reason,
  };
}
