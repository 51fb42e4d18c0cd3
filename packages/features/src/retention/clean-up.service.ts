import type { Database } from "@obsqra/db";
import { type ErasureDependencies, eraseDueAccounts } from "../accounts/deletion/erasure.service.ts";
import {
  type Batch,
  deleteExpiredAnswers,
  deleteExpiredCachedAnswers,
  deleteExpiredLimits,
  deleteExpiredOneTimeTokens,
  deleteExpiredRefreshTokens,
  deleteOldAttempts,
  deleteOldSessions,
  deleteUsedRefreshTokens,
} from "./clean-up.queries.ts";

/** What a clean-up has done. */
export interface CleanUp {
  readonly accounts_erased: number;
  readonly rows_deleted: number;
}

const dayMs = 24 * 60 * 60 * 1000;
const batchSize = 1000;

/** What may go, and how many days after its time. */
const clearances: readonly {
  readonly days: number;
  readonly deleteBatch: (db: Database, batch: Batch) => Promise<number>;
}[] = [
  { days: 0, deleteBatch: deleteExpiredOneTimeTokens },
  { days: 0, deleteBatch: deleteOldAttempts },
  { days: 0, deleteBatch: deleteExpiredLimits },
  { days: 0, deleteBatch: deleteExpiredAnswers },
  { days: 0, deleteBatch: deleteExpiredCachedAnswers },
  { days: 0, deleteBatch: deleteExpiredRefreshTokens },
  // No session lives longer. As long as it does, its used tokens show a replay.
  { days: 60, deleteBatch: deleteUsedRefreshTokens },
  // For three months a user can see in their data where they were signed in.
  { days: 90, deleteBatch: deleteOldSessions },
];

/**
 * Erases the accounts whose grace period is over and deletes rows about accounts that nothing needs any more: expired
 * links and challenges, counts of attempts, answers to repeated requests, refresh tokens and sessions. For an hourly job; several servers may run it at
 * once, and running it again is harmless.
 *
 * @param signal what is left to do when it aborts waits for the next time
 * @throws DatabaseUnavailableError
 */
export async function cleanUpAccounts(deps: ErasureDependencies, signal: AbortSignal): Promise<CleanUp> {
  const accountsErased = await eraseDueAccounts(deps, signal);
  let rowsDeleted = 0;
  for (const { days, deleteBatch } of clearances) {
    const before = new Date(deps.clock().getTime() - days * dayMs);
    let deleted = batchSize;
    while (deleted === batchSize && !signal.aborted) {
      deleted = await deleteBatch(deps.db, { before, limit: batchSize });
      rowsDeleted += deleted;
    }
  }
  return { accounts_erased: accountsErased, rows_deleted: rowsDeleted };
}
