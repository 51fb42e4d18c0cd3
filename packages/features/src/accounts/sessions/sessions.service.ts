import type { ListSessionsInput, RevokeSessionInput, Session, Sessions } from "@obsqra/contract";
import type { Database } from "@obsqra/db";
import type { SessionActor } from "@obsqra/platform";
import { AppError, idKey, readCursor, toPage } from "@obsqra/platform";
import { lockAccount } from "../account.queries.ts";
import { recordEvent } from "../audit/audit.service.ts";
import type { AuthDependencies } from "../auth-dependencies.ts";
import {
  endSession,
  endSessions,
  type LiveSessionRow,
  listLiveSessions,
  listSessions,
  type SessionRow,
} from "./sessions.queries.ts";

type SignedIn = AuthDependencies & { readonly actor: SessionActor };

/** A session that may be over. */
export interface PastSession extends Session {
  readonly revoked_at: string | null;
  readonly revoke_reason: string | null;
}

/**
 * Where the user is signed in.
 *
 * @throws AppError CURSOR_INVALID
 */
export async function getSessions(deps: SignedIn, input: ListSessionsInput): Promise<Sessions> {
  const { user_id, session_id } = deps.actor;
  const view = { list: "sessions", owner_id: user_id, input };
  const rows = await listLiveSessions(deps.db, {
    user_id,
    sort: input.sort,
    after: readCursor(view, idKey)?.[0],
    limit: input.limit + 1,
    now: deps.clock(),
  });
  const page = toPage(view, rows, (row) => [row.id]);
  return { items: page.items.map((row) => toSession(row, session_id)), next_cursor: page.next_cursor };
}

/**
 * Every session of the user that is stored, also those that are over.
 *
 * @throws AppError CURSOR_INVALID
 */
export async function getSessionHistory(
  deps: { readonly db: Database; readonly actor: SessionActor },
  input: ListSessionsInput,
): Promise<{ items: PastSession[]; next_cursor: string | null }> {
  const { user_id, session_id } = deps.actor;
  const view = { list: "session_history", owner_id: user_id, input };
  const rows = await listSessions(deps.db, {
    user_id,
    sort: input.sort,
    after: readCursor(view, idKey)?.[0],
    limit: input.limit + 1,
  });
  const page = toPage(view, rows, (row) => [row.id]);
  return { items: page.items.map((row) => toPastSession(row, session_id)), next_cursor: page.next_cursor };
}

/**
 * Ends one of the user's sessions, be it the one that asks.
 *
 * @throws AppError SESSION_NOT_FOUND, the same for another user's, one that has ended, and one that never was
 */
export async function revokeOneSession(deps: SignedIn, input: RevokeSessionInput): Promise<undefined> {
  const { user_id } = deps.actor;
  const id = input.session_id;
  await deps.db.transaction().execute(async (trx) => {
    await lockAccount(trx, user_id);
    const ended = await endSession(trx, { id, user_id, now: deps.clock(), reason: "revoked by the user" });
    if (!ended) throw new AppError("SESSION_NOT_FOUND", undefined);
    await recordEvent(
      { ...deps, db: trx },
      { user_id, type: "session_revoked", details: { session_id: id } },
    );
  });
}

/** Ends all sessions of the user, the one that asks included. */
export async function logoutEverywhere(deps: SignedIn): Promise<undefined> {
  const { user_id } = deps.actor;
  await deps.db.transaction().execute(async (trx) => {
    await lockAccount(trx, user_id);
    await endSessions(trx, { user_id, now: deps.clock(), reason: "logged out everywhere" });
    await recordEvent({ ...deps, db: trx }, { user_id, type: "logged_out_everywhere" });
  });
}

function toSession(row: LiveSessionRow, currentId: string): Session {
  return {
    id: row.id,
    is_current: row.id === currentId,
    ip: row.ip,
    user_agent: row.user_agent,
    created_at: row.created_at.toISOString(),
    last_used_at: row.last_used_at.toISOString(),
    expires_at: row.expires_at.toISOString(),
  };
}

function toPastSession(row: SessionRow, currentId: string): PastSession {
  return {
    ...toSession(row, currentId),
    revoked_at: row.revoked_at?.toISOString() ?? null,
    revoke_reason: row.revoke_reason,
  };
}
