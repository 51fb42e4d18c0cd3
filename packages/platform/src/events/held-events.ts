import type { EventReaderDependencies } from "./event-reader.ts";
import { findOldestUnsettled } from "./events.queries.ts";

/** Longer than any transaction of ours takes. */
const longestMs = 2 * 60_000;

/**
 * Whether events wait for a transaction that does not end. Postgres counts transactions for the whole cluster, so that one of
 * another database holds events back, too: readers, streams, webhooks and the transparency log stand still meanwhile, and lose
 * nothing.
 *
 * @returns when the oldest of them happened, undefined when none has waited for two minutes
 */
export async function getEventsHeldSince({ db, clock }: EventReaderDependencies): Promise<Date | undefined> {
  const oldest = await findOldestUnsettled(db);
  return oldest !== undefined && clock().getTime() - oldest.getTime() >= longestMs ? oldest : undefined;
}
