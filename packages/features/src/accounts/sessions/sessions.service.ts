import type { ListSessionsInput, RevokeSessionInput, Session, Sessions } from "@obsqra/contract";
import type { Database } from "@obsqra/db";
import type { SessionActor } from "@obsqra/platform";
import { AppError, defineCommand, idKey, readCursor, toPage } from "@obsqra/platform";
import { endAccountSessions } from "../account-access.service.ts";
import { insertAuditEvent } from "../audit/audit.queries.ts";
import { prepareEvent } from "../audit/audit-event.ts";
import type { AuthDependencies } from "../auth-dependencies.ts";
import { endSession } from "./session-ends.service.ts";
import { type LiveSessionRow, listLiveSessions, listSessions, type SessionRow } from "./sessions.queries.ts";

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
export const revokeSession = defineCommand({
  plan: async (deps: SignedIn, { session_id }: RevokeSessionInput) => ({
    ending: { ...own(deps), id: session_id, reason: "revoked by the user" } as const,
    event: prepareEvent(deps, {
      user_id: deps.actor.user_id,
      type: "session_revoked",
      details: { session_id },
    }),
  }),
  write: async (trx, { ending, event }, emit) => {
    const hasEnded = await endSession(trx, emit, ending);
    if (!hasEnded) throw new AppError("SESSION_NOT_FOUND", undefined);
    await insertAuditEvent(trx, event);
    return undefined;
  },
});

/** Ends the session that asks. Doing it again is harmless. */
export const logout = defineCommand({
  plan: async (deps: SignedIn) => {
    const { user_id, session_id } = deps.actor;
    return {
      ending: { ...own(deps), id: session_id, reason: "logged out" } as const,
      event: prepareEvent(deps, { user_id, type: "logged_out", details: { session_id } }),
    };
  },
  write: async (trx, { ending, event }, emit) => {
    // Only what has ended it is an event.
    if (await endSession(trx, emit, ending)) await insertAuditEvent(trx, event);
    return undefined;
  },
});

/** Ends all sessions of the user, the one that asks included. */
export const logoutEverywhere = defineCommand({
  plan: async (deps: SignedIn) => ({
    ending: { ...own(deps), reason: "logged out everywhere" } as const,
    event: prepareEvent(deps, { user_id: deps.actor.user_id, type: "logged_out_everywhere" }),
  }),
  write: async (trx, { ending, event }, emit) => {
    await endAccountSessions(trx, emit, ending);
    await insertAuditEvent(trx, event);
    return undefined;
  },
});

function own({ actor, clock }: SignedIn): { readonly user_id: string; readonly now: Date } {
  return { user_id: actor.user_id, now: clock() };
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
