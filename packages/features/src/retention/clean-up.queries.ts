import type { Database } from "@obsqra/db";
import { type RawBuilder, sql } from "kysely";

/** A batch that is deleted at once: in moments, and without holding up anybody for longer. */
export interface Batch {
  readonly before: Date;
  readonly limit: number;
}

/** Emailed links and wallet challenges that have expired. */
export async function deleteExpiredOneTimeTokens(db: Database, batch: Batch): Promise<number> {
  return deleteBatch(db, batch, {
    table: "auth_one_time_tokens",
    key: "token_hash",
    isOver: sql`expires_at <= ${batch.before}`,
  });
}

/** Answers that are not given again any more. */
export async function deleteExpiredAnswers(db: Database, batch: Batch): Promise<number> {
  return deleteBatch(db, batch, {
    table: "idempotency_keys",
    // Two columns make its key; the place of a row stays the same while it is locked.
    key: "ctid",
    isOver: sql`expires_at <= ${batch.before}`,
  });
}

/** Counts of attempts that would start anew. */
export async function deleteOldAttempts(db: Database, batch: Batch): Promise<number> {
  return deleteBatch(db, batch, {
    table: "auth_throttle",
    key: "key",
    isOver: sql`reset_at <= ${batch.before}`,
  });
}

/** Refresh tokens that nobody used in time; they are refused with and without their rows. */
export async function deleteExpiredRefreshTokens(db: Database, batch: Batch): Promise<number> {
  return deleteBatch(db, batch, {
    table: "auth_refresh_tokens",
    key: "token_hash",
    isOver: sql`used_at is null and expires_at <= ${batch.before}`,
  });
}

/** Refresh tokens that were used long ago. */
export async function deleteUsedRefreshTokens(db: Database, batch: Batch): Promise<number> {
  return deleteBatch(db, batch, {
    table: "auth_refresh_tokens",
    key: "token_hash",
    isOver: sql`used_at <= ${batch.before}`,
  });
}

/** Sessions that are over, with all of their refresh tokens. */
export async function deleteOldSessions(db: Database, batch: Batch): Promise<number> {
  return deleteBatch(db, batch, {
    table: "auth_sessions",
    key: "id",
    // Without revoked_at, the least of both is expires_at.
    isOver: sql`least(revoked_at, expires_at) <= ${batch.before}`,
  });
}

/** Counts of calls whose window is over. */
export async function deleteExpiredLimits(db: Database, batch: Batch): Promise<number> {
  return deleteBatch(db, batch, {
    table: "rate_limits",
    key: "key",
    isOver: sql`expire <= ${batch.before.getTime()}`,
  });
}

/** Figures that were kept for the next who asks. */
export async function deleteExpiredCachedAnswers(db: Database, batch: Batch): Promise<number> {
  return deleteBatch(db, batch, {
    table: "analytics_cache",
    key: "key",
    isOver: sql`expires_at <= ${batch.before}`,
  });
}

async function deleteBatch(
  db: Database,
  { limit }: Batch,
  rows: { readonly table: string; readonly key: string; readonly isOver: RawBuilder<unknown> },
): Promise<number> {
  const [table, key] = [sql.table(rows.table), sql.ref(rows.key)];
  // Another server may be deleting, too: it is left the rows that it holds.
  const result = await sql`delete from ${table} where ${key} in
    (select ${key} from ${table} where ${rows.isOver} limit ${limit} for update skip locked)`.execute(db);
  return Number(result.numAffectedRows ?? 0);
}
