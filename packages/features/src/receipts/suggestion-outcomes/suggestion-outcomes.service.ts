import { toPastSuggestion } from "../../predictions/track-record/suggestion-history.service.ts";
import { appendToLog, type LogDependencies, nextLogMoment, toLogEntry } from "../log/append-log.service.ts";
import { lockLog } from "../log/log.queries.ts";
import { findLoggedUntil, listUnloggedSuggestions } from "./suggestion-outcomes.queries.ts";

/** What logging them uses. */
export interface SuggestionOutcomeDependencies extends LogDependencies {
  readonly marketSource: string;
}

const entriesAtOnce = 1_000;
/** What was written at the same time may come into view a little later. */
const overlapMs = 60 * 60 * 1_000;

/**
 * Appends the suggestions that were put on record, as everybody sees them, with what came of them: nothing of whom they were made for. From
 * then on none can be changed, left out or put in unseen.
 *
 * @returns how many
 */
export async function logSuggestionOutcomes(deps: SuggestionOutcomeDependencies): Promise<number> {
  for (let count = 0; ; ) {
    const added = await logSome(deps);
    count += added;
    if (added < entriesAtOnce) return count;
  }
}

async function logSome(deps: SuggestionOutcomeDependencies): Promise<number> {
  const { db, marketSource: source } = deps;
  const until = await findLoggedUntil(db, source);
  const since = until && new Date(until.getTime() - overlapMs);
  const range = { source, since, limit: entriesAtOnce };
  if ((await listUnloggedSuggestions(db, { ...range, limit: 1 })).length === 0) return 0;
  return db.transaction().execute(async (trx) => {
    await lockLog(trx);
    const loggedAt = await nextLogMoment(trx, deps);
    // Another process may have been first.
    const rows = await listUnloggedSuggestions(trx, range);
    const entries = rows.map((row) => {
      const recorded_at = new Date(row.recorded_at).toISOString();
      const content = { ...toPastSuggestion(row), source, recorded_at };
      return toLogEntry({ type: "suggestion_outcome", subject: row.id, content }, loggedAt);
    });
    await appendToLog(trx, deps, { entries, loggedAt });
    return entries.length;
  });
}
