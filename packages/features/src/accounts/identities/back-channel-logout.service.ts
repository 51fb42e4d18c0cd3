import { AppError, type WriteDependencies, writeTransaction } from "@obsqra/platform";
import { lockAccount } from "../account.queries.ts";
import { insertAuditEvent } from "../audit/audit.queries.ts";
import { type AuditEventDependencies, auditWriter } from "../audit/audit-event.ts";
import type { AuthDependencies } from "../auth-dependencies.ts";
import { endSession } from "../sessions/session-ends.service.ts";
import { listSessionsOfProvider } from "./session-identities.queries.ts";

type LogoutDependencies = WriteDependencies &
  AuditEventDependencies &
  Pick<AuthDependencies, "identityProviders">;

/** By so much the provider's clock may be behind. */
const clockToleranceMs = 30_000;

/**
 * Ends the sessions that a provider says are over there (OpenID Connect Back-Channel Logout 1.0): those that one of its sessions has begun, or
 * all that an identity has. Sessions that were begun after its token was made go on, so that a replay of it ends nothing.
 *
 * @returns how many there were
 * @throws AppError IDENTITY_PROVIDER_UNKNOWN, also for one that does not say such things; IDENTITY_REJECTED, IDENTITY_PROVIDER_UNAVAILABLE
 */
export async function endSessionsOfProvider(
  deps: LogoutDependencies,
  { provider: id, token }: { readonly provider: string; readonly token: string },
): Promise<number> {
  const provider = deps.identityProviders.find((each) => each.id === id);
  if (provider?.readLogout === undefined) throw new AppError("IDENTITY_PROVIDER_UNKNOWN", undefined);
  const { subject, session: provider_session, at } = await provider.readLogout(token);
  const now = deps.clock();
  const sessions = await listSessionsOfProvider(deps.db, {
    ...{ issuer: provider.issuer, subject, provider_session, now },
    begun_until: new Date(at.getTime() + clockToleranceMs),
  });
  const audit = auditWriter(deps);
  let ended = 0;
  for (const user_id of new Set(sessions.map((session) => session.user_id))) {
    ended += await writeTransaction(deps, async (trx, emit) => {
      if ((await lockAccount(trx, user_id)) === undefined) return 0;
      const reason = "logged out at the provider";
      let count = 0;
      for (const session of sessions.filter((each) => each.user_id === user_id)) {
        if (await endSession(trx, emit, { id: session.id, user_id, reason, now })) count += 1;
      }
      if (count === 0) return 0;
      const details = { provider: id, sessions: count };
      await insertAuditEvent(trx, audit({ user_id, type: "sessions_ended_by_provider", details }));
      return count;
    });
  }
  return ended;
}
