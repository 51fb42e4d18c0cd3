import type { RetentionRule } from "@obsqra/platform";
import {
  deleteExpiredIdentityAttempts,
  deleteExpiredInvitations,
  deleteExpiredOneTimeTokens,
  deleteExpiredPasskeyChallenges,
  deleteExpiredRefreshTokens,
  deleteExpiredRememberedDevices,
  deleteOldAgentTokens,
  deleteOldAttempts,
  deleteOldSessions,
  deleteUsedRefreshTokens,
} from "./retention.queries.ts";

/** What goes of what signing in leaves behind. Accounts themselves are erased as their owners ask for it. */
export const accountRetention: readonly RetentionRule[] = [
  {
    what: "emailed links and wallet challenges that have expired",
    days: 0,
    why: "they open nothing any more",
    clear: deleteExpiredOneTimeTokens,
  },
  {
    what: "counts of attempts that would start anew",
    days: 0,
    why: "the next attempt starts a new count",
    clear: deleteOldAttempts,
  },
  {
    what: "challenges for passkeys that have expired",
    days: 0,
    why: "they are refused with and without their rows",
    clear: deleteExpiredPasskeyChallenges,
  },
  {
    what: "attempts to sign in by a provider that have expired",
    days: 0,
    why: "they are refused with and without their rows",
    clear: deleteExpiredIdentityAttempts,
  },
  {
    what: "remembered devices that have expired",
    days: 0,
    why: "the second factor is asked for there again",
    clear: deleteExpiredRememberedDevices,
  },
  {
    what: "invitations that nobody has accepted in time",
    days: 0,
    why: "they are refused with and without their rows",
    clear: deleteExpiredInvitations,
  },
  {
    what: "refresh tokens that nobody used in time",
    days: 0,
    why: "they are refused with and without their rows",
    clear: deleteExpiredRefreshTokens,
  },
  {
    what: "refresh tokens that were used",
    days: 60,
    why: "no session lives longer, and as long as it does a used token shows a replay",
    clear: deleteUsedRefreshTokens,
  },
  {
    what: "sessions that have ended or run out",
    days: 90,
    why: "for three months users can see in their data where they were signed in",
    clear: deleteOldSessions,
  },
  {
    what: "codes and refresh tokens of agents that have expired",
    days: 90,
    why: "no agent is let in for longer, and as long as it is a used token shows a replay",
    clear: deleteOldAgentTokens,
  },
];
