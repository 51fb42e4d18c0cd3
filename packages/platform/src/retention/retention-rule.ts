import type { Database } from "@obsqra/db";

/** What goes after some time. Each feature says so of its own rows, and the hourly clean-up job does it. */
export interface RetentionRule {
  /** What goes, as in "forecasts that ..."; docs/operations.md has the same words. */
  readonly what: string;
  /** Days from the moment that `what` names. */
  readonly days: number;
  readonly why: string;
  /**
   * Clears a batch. Several servers may do so at once: each leaves the rows that another one holds.
   *
   * @returns how many rows were cleared; fewer than the limit when nothing is left
   */
  readonly clear: (db: Database, batch: RetentionBatch) => Promise<number>;
}

/** A batch that is cleared at once: in moments, and without holding up anybody for longer. */
export interface RetentionBatch {
  readonly now: Date;
  /** What is at least as old as this has lasted for the days of the rule. */
  readonly before: Date;
  readonly limit: number;
}

const dayMs = 24 * 60 * 60 * 1000;
const batchSize = 1000;

/**
 * Clears everything whose time is over, in batches, rule by rule. Running it again is harmless, and so is running it in
 * several processes at once.
 *
 * @param signal what is left to do when it aborts waits for the next time
 * @returns how many rows were cleared
 * @throws DatabaseUnavailableError
 */
export async function applyRetention(
  { db, clock }: { readonly db: Database; readonly clock: () => Date },
  rules: readonly RetentionRule[],
  signal: AbortSignal,
): Promise<number> {
  const now = clock();
  let cleared = 0;
  for (const rule of rules) {
    const before = new Date(now.getTime() - rule.days * dayMs);
    let count = batchSize;
    while (count >= batchSize && !signal.aborted) {
      count = await rule.clear(db, { now, before, limit: batchSize });
      cleared += count;
    }
  }
  return cleared;
}
