import type { Database } from "@obsqra/db";
import { deleteExpired, type RetentionBatch } from "@obsqra/platform";
import { sql } from "kysely";

/** Emailed links and wallet challenges that have expired. */
export async function deleteExpiredOneTimeTokens(db: Database, batch: RetentionBatch): Promise<number> {
  const isOver = sql`expires_at <= ${batch.before}`;
  return deleteExpired(db, { table: "auth_one_time_tokens", key: "token_hash", isOver }, batch);
}

/** Counts of attempts that would start anew. */
export async function deleteOldAttempts(db: Database, batch: RetentionBatch): Promise<number> {
  const isOver = sql`reset_at <= ${batch.before}`;
  return deleteExpired(db, { table: "auth_throttle", key: "key", isOver }, batch);
}

/** Refresh tokens that nobody used in time. */
export async function deleteExpiredRefreshTokens(db: Database, batch: RetentionBatch): Promise<number> {
  const isOver = sql`used_at is null and expires_at <= ${batch.before}`;
  return deleteExpired(db, { table: "auth_refresh_tokens", key: "token_hash", isOver }, batch);
}

/** Refresh tokens that were used long ago. */
export async function deleteUsedRefreshTokens(db: Database, batch: RetentionBatch): Promise<number> {
  const isOver = sql`used_at <= ${batch.before}`;
  return deleteExpired(db, { table: "auth_refresh_tokens", key: "token_hash", isOver }, batch);
}

/** Sessions that are over, with all of their refresh tokens. */
export async function deleteOldSessions(db: Database, batch: RetentionBatch): Promise<number> {
  // Without revoked_at, the least of both is expires_at.
  const isOver = sql`least(revoked_at, expires_at) <= ${batch.before}`;
  return deleteExpired(db, { table: "auth_sessions", key: "id", isOver }, batch);
}

/** Remembered devices that no longer count. */
export async function deleteExpiredRememberedDevices(db: Database, batch: RetentionBatch): Promise<number> {
  const isOver = sql`expires_at <= ${batch.before}`;
  return deleteExpired(db, { table: "remembered_devices", key: "id", isOver }, batch);
}

/** Codes and refresh tokens of agents that are over. */
export async function deleteOldAgentTokens(db: Database, batch: RetentionBatch): Promise<number> {
  const isOver = sql`expires_at <= ${batch.before}`;
  return deleteExpired(db, { table: "agent_tokens", key: "token_hash", isOver }, batch);
}

/** Invitations that nobody has accepted in time. */
export async function deleteExpiredInvitations(db: Database, batch: RetentionBatch): Promise<number> {
  const isOver = sql`expires_at <= ${batch.before}`;
  return deleteExpired(db, { table: "organisation_invitations", key: "id", isOver }, batch);
}

/** Challenges that no passkey has signed in time. */
export async function deleteExpiredPasskeyChallenges(db: Database, batch: RetentionBatch): Promise<number> {
  const isOver = sql`expires_at <= ${batch.before}`;
  return deleteExpired(db, { table: "passkey_challenges", key: "challenge_hash", isOver }, batch);
}

/** Browsers that were sent to a provider and have not come back in time. */
export async function deleteExpiredIdentityAttempts(db: Database, batch: RetentionBatch): Promise<number> {
  const isOver = sql`expires_at <= ${batch.before}`;
  return deleteExpired(db, { table: "identity_attempts", key: "attempt_hash", isOver }, batch);
}
