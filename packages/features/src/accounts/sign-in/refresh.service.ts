import type { RefreshInput } from "@obsqra/contract";
import { AppError, defineCommand, elapsedMs, hashToken, Refused } from "@obsqra/platform";
import { insertAuditEvent } from "../audit/audit.queries.ts";
import { prepareEvent } from "../audit/audit-event.ts";
import type { AuthDependencies } from "../auth-dependencies.ts";
import { endSession } from "../sessions/session-ends.service.ts";
import { createRefreshToken, isLive, prepareTokens, refreshTokenLifetimeMs } from "./new-session.ts";
import { findRefreshToken, type RefreshTokenRow, spendRefreshToken } from "./sign-in.queries.ts";

/** Parallel tabs may send the same refresh token; a replay later than this is taken for theft. */
const replayToleranceMs = 10_000;

/**
 * Exchanges a refresh token for a new pair. A replay ends the session: either this copy of the token is stolen, or the
 * other was.
 *
 * @throws AppError REFRESH_TOKEN_INVALID
 */
export const refresh = defineCommand({
  stillLetsIn: isLive,
  plan: async (deps: AuthDependencies, input: RefreshInput) => {
    const now = deps.clock();
    const spent = hashToken(input.refresh_token);
    const found = await findRefreshToken(deps.db, { token_hash: spent, now });
    const use = found === undefined ? "unknown" : useOf(found, now);
    if (found === undefined || use === "unknown") throw new AppError("REFRESH_TOKEN_INVALID", undefined);
    return use === "replay" ? planReplay(deps, found, now) : planRotation(deps, found, { spent, now });
  },
  write: async (trx, planned, emit) => {
    if (planned.use === "rotation") {
      const isSpent = await spendRefreshToken(trx, planned.rotation);
      if (!isSpent) throw new AppError("REFRESH_TOKEN_INVALID", undefined);
      return planned.tokens;
    }
    // Only what has ended it is an event.
    if (await endSession(trx, emit, planned.ending)) await insertAuditEvent(trx, planned.event);
    return new Refused(new AppError("REFRESH_TOKEN_INVALID", undefined));
  },
});

/** What somebody does who sends a token of a live session now; `unknown` where it means nothing. */
function useOf({ used_at, expires_at }: RefreshTokenRow, now: Date): "rotation" | "replay" | "unknown" {
  if (used_at === null) return expires_at > now ? "rotation" : "unknown";
  return elapsedMs(used_at, now) > replayToleranceMs ? "replay" : "unknown";
}

async function planRotation(
  deps: AuthDependencies,
  { user_id, session_id }: RefreshTokenRow,
  { spent, now }: { readonly spent: Uint8Array; readonly now: Date },
) {
  const { token, hash } = createRefreshToken(deps.randomBytes);
  const nextExpiresAt = new Date(now.getTime() + refreshTokenLifetimeMs);
  return {
    use: "rotation",
    rotation: { spent, next: hash, now, nextExpiresAt },
    tokens: await prepareTokens(deps, { user_id, session_id }, token),
  } as const;
}

function planReplay(deps: AuthDependencies, { user_id, session_id }: RefreshTokenRow, now: Date) {
  return {
    use: "replay",
    ending: { user_id, id: session_id, reason: "refresh token replayed", now },
    event: prepareEvent(deps, { user_id, type: "refresh_token_replayed", details: { session_id } }),
  } as const;
}
