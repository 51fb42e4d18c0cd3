import type { DatabaseTransaction } from "@obsqra/db";
import { type Event, readEvents } from "@obsqra/platform";
import {
  appendToLog,
  type LogContent,
  type LogDependencies,
  nextLogMoment,
  toLogEntry,
} from "./append-log.service.ts";
import { listLoggedSubjects, lockLog, type NewLogEntry } from "./log.queries.ts";
import {
  findForecastRun,
  findSnapshot,
  findStatusDecision,
  findSuggestion,
  insertSalt,
  listCorrections,
  listForecastsOfRun,
  listOutcomes,
} from "./log-content.queries.ts";
import {
  batchEntries,
  correctionContent,
  outcomeContent,
  rulesContent,
  snapshotContent,
  statusContent,
  suggestionContent,
} from "./log-content.ts";

/** What a round has come to. */
export interface LogWritten {
  /** Events that were looked at. */
  readonly events: number;
  readonly entries: number;
}

/** Events at a time: each may be about thousands of forecasts, and they are logged in one transaction. */
const eventsAtOnce = 50;

/**
 * Appends to the log what has happened since: what the events tell, in their order, with a durable position, so that each is logged once.
 * Several processes may do so at once; one of them writes.
 */
export async function writeLog(deps: LogDependencies, signal: AbortSignal): Promise<LogWritten> {
  let [events, entries] = [0, 0];
  const handle = async (trx: DatabaseTransaction, read: readonly Event[]) => {
    await lockLog(trx);
    const loggedAt = await nextLogMoment(trx, deps);
    const added = await gather(trx, read, { randomBytes: deps.randomBytes, loggedAt });
    await appendToLog(trx, deps, { entries: added, loggedAt });
    entries += added.length;
  };
  for (let count = eventsAtOnce; count === eventsAtOnce && !signal.aborted; events += count) {
    count = await readEvents(deps, { name: "log", limit: eventsAtOnce, handle });
  }
  return { events, entries };
}

/** What telling what has happened uses. */
interface Telling {
  readonly randomBytes: LogDependencies["randomBytes"];
  readonly loggedAt: Date;
}

/** What some events add to the log, without what it has already. */
async function gather(
  trx: DatabaseTransaction,
  events: readonly Event[],
  telling: Telling,
): Promise<NewLogEntry[]> {
  const added = new Map<string, NewLogEntry>();
  for (const event of events) {
    const entries = await tell(trx, event, telling);
    const known = await listKnown(trx, entries);
    for (const entry of entries) {
      const key = keyOf(entry);
      if (!known.has(key) && !added.has(key)) added.set(key, entry);
    }
  }
  if (added.size === 0) return [];
  // Before anything that they are about; again only when they have changed.
  const rules = toLogEntry(rulesContent(), telling.loggedAt);
  const areKnown = (await listKnown(trx, [rules])).has(keyOf(rules));
  return areKnown ? [...added.values()] : [rules, ...added.values()];
}

/** What an event adds to the log. What is gone by now, with an account say, adds nothing. */
async function tell(trx: DatabaseTransaction, event: Event, telling: Telling): Promise<NewLogEntry[]> {
  if (event.type === "forecasts.published") {
    const { kind, source, import_id } = event.payload;
    return tellForecasts(trx, { kind, source, import_id, model_version: event.subject }, telling);
  }
  return (await tellSingly(trx, event, telling)).map((content) => toLogEntry(content, telling.loggedAt));
}

async function tellSingly(trx: DatabaseTransaction, event: Event, telling: Telling): Promise<LogContent[]> {
  switch (event.type) {
    case "market_data.imported":
      return tellImport(trx, event.subject);
    case "outcomes.recorded":
      return tellOutcomes(trx, { ...event.payload, import_id: event.subject });
    case "protocol.status_set": {
      const decision = await findStatusDecision(trx, event.payload.decision_id);
      return decision === undefined ? [] : [statusContent(decision)];
    }
    case "suggestion.made":
      return tellSuggestion(trx, event.subject, telling);
    default:
      return [];
  }
}

async function tellImport(trx: DatabaseTransaction, importId: string): Promise<LogContent[]> {
  const snapshot = await findSnapshot(trx, importId);
  if (snapshot === undefined) return [];
  const replaced = await listCorrections(trx, importId);
  const told = [snapshotContent(snapshot)];
  return replaced.length === 0 ? told : [...told, correctionContent(snapshot, replaced)];
}

async function tellForecasts(
  trx: DatabaseTransaction,
  key: Parameters<typeof findForecastRun>[1],
  { loggedAt }: Telling,
): Promise<NewLogEntry[]> {
  const run = await findForecastRun(trx, key);
  if (run === undefined) return [];
  return batchEntries(run, await listForecastsOfRun(trx, key), loggedAt);
}

async function tellOutcomes(
  trx: DatabaseTransaction,
  recorded: Parameters<typeof listOutcomes>[1],
): Promise<LogContent[]> {
  const outcomes = await listOutcomes(trx, recorded);
  const ids = outcomes.map(({ id }) => id);
  const logged = await listLoggedSubjects(trx, "forecast", ids);
  const indexes = new Map(logged.map(({ subject, leaf_index }) => [subject, leaf_index]));
  return outcomes.map((outcome) => outcomeContent(outcome, indexes.get(outcome.id) ?? null));
}

async function tellSuggestion(
  trx: DatabaseTransaction,
  id: string,
  { randomBytes }: Telling,
): Promise<LogContent[]> {
  const suggestion = await findSuggestion(trx, id);
  if (suggestion === undefined) return [];
  const salt = randomBytes(32);
  await insertSalt(trx, { suggestion_id: id, owner_id: suggestion.owner_id, salt });
  return [suggestionContent(suggestion, salt)];
}

function keyOf({ type, subject }: Pick<NewLogEntry, "type" | "subject">): string {
  return `${type} ${subject}`;
}

async function listKnown(trx: DatabaseTransaction, entries: readonly NewLogEntry[]): Promise<Set<string>> {
  const known = new Set<string>();
  for (const [type, ofType] of Map.groupBy(entries, (entry) => entry.type)) {
    const subjects = ofType.map(({ subject }) => subject);
    for (const { subject } of await listLoggedSubjects(trx, type, subjects)) known.add(`${type} ${subject}`);
  }
  return known;
}
