import { getUnloggedSuggestions } from "../../predictions/track-record/suggestion-history.service.ts";
import { appendToLog, type LogDependencies, nextLogMoment, toLogEntry } from "../log/append-log.service.ts";
import { lockLog } from "../log/log.queries.ts";

/** What logging them uses. */
export interface SuggestionOutcomeDependencies extends LogDependencies {
  readonly marketSource: string;
}

const entriesAtOnce = 1_000;

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
  if ((await getUnloggedSuggestions(db, { source, limit: 1 })).length === 0) return 0;
  return db.transaction().execute(async (trx) => {
    await lockLog(trx);
    const loggedAt = await nextLogMoment(trx, deps);
    // Another process may have been first.
    const suggestions = await getUnloggedSuggestions(trx, { source, limit: entriesAtOnce });
    const entries = suggestions.map((suggestion) => {
      const content = { ...suggestion, source };
      return toLogEntry({ type: "suggestion_outcome", subject: suggestion.id, content }, loggedAt);
    });
    await appendToLog(trx, deps, { entries, loggedAt });
    return entries.length;
  });
}
