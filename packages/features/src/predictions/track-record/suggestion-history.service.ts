import type {
  PastSuggestion,
  SuggestionFigures,
  SuggestionHistory,
  SuggestionHistoryInput,
} from "@obsqra/contract";
import type { Database } from "@obsqra/db";
import { cutToBytes, momentInKey, readCursor, rowsToRead, toPage } from "@obsqra/platform";
import { z } from "zod";
import { type CachedResponseDependencies, versionOfServed } from "../../market/cached-response.service.ts";
import { toDataSource } from "../../market/market.service.ts";
import {
  findLoggedUntil,
  listSuggestionHistory,
  listUnloggedSuggestions,
  type PastSuggestionRow,
  type SuggestionSums,
} from "./suggestion-history.queries.ts";

const pageKey = z.tuple([momentInKey, z.uuid()]);

/** The names of its fields alone take more than half of it. */
const rowBytesMin = 300;

/**
 * The suggestions that the track record counts, with what came of them.
 *
 * @throws AppError CURSOR_INVALID
 */
export async function getSuggestionHistory(
  {
    db,
    clock,
    marketSource,
  }: { readonly db: Database; readonly clock: () => Date; readonly marketSource: string },
  input: SuggestionHistoryInput,
): Promise<SuggestionHistory> {
  const limit = rowsToRead(input.limit, rowBytesMin);
  const view = { list: "suggestion_history", owner_id: undefined, input };
  const after = readCursor(view, pageKey);
  const { served_import, items } = await listSuggestionHistory(db, {
    source: marketSource,
    now: clock(),
    sort: input.sort,
    month: input.month,
    after: after && { made_on: new Date(after[0]), id: after[1] },
    limit,
  });
  const page = toPage(view, cutToBytes(items.map(toPastSuggestion), limit), ({ made_on, id }) => [
    made_on,
    id,
  ]);
  return { data_source: toDataSource(marketSource, served_import), ...page };
}

/** All that the list depends on, as text: the data, what is on record, and until when the log has it. */
export async function versionOfSuggestions(deps: CachedResponseDependencies): Promise<string> {
  const loggedUntil = await findLoggedUntil(deps.db, deps.marketSource);
  return JSON.stringify([await versionOfServed(deps), loggedUntil ?? null]);
}

/** A suggestion on record as the log has it. */
export type LoggedSuggestion = Omit<PastSuggestion, "log_index"> & { readonly recorded_at: string };

/** What was written at the same time may come into view a little later. */
const overlapMs = 60 * 60 * 1_000;

/** Suggestions of a source that are on record, and not in the transparency log, the first first. */
export async function getUnloggedSuggestions(
  db: Database,
  { source, limit }: { readonly source: string; readonly limit: number },
): Promise<LoggedSuggestion[]> {
  const until = await findLoggedUntil(db, source);
  const since = until && new Date(until.getTime() - overlapMs);
  const rows = await listUnloggedSuggestions(db, { source, since, limit });
  return rows.map((row) => {
    const { log_index: _, ...suggestion } = toPastSuggestion(row);
    return { ...suggestion, recorded_at: toTimestamp(row.recorded_at) };
  });
}

function toPastSuggestion(row: PastSuggestionRow): PastSuggestion {
  const { interval_level, interval_lower, interval_upper, held_apy, followed_apy, recorded_at, ...facts } =
    row;
  return {
    ...facts,
    made_on: toTimestamp(row.made_on),
    as_of: toTimestamp(row.as_of),
    target_at: toTimestamp(row.target_at),
    improvement_interval:
      interval_level === null || interval_lower === null || interval_upper === null
        ? null
        : { level: interval_level, lower: interval_lower, upper: interval_upper },
    realised:
      held_apy === null || followed_apy === null
        ? null
        : {
            improvement: followed_apy - held_apy,
            held_apy,
            followed_apy,
            recorded_at: toTimestamp(recorded_at),
          },
  };
}

/** Means of sums, null of nothing. */
export function toSuggestionFigures(sums: SuggestionSums): SuggestionFigures {
  const { outcome, forced, risk_tolerance, n, n_prospective, n_unobserved, worst_improvement } = sums;
  // The last digits of a sum depend on its order, and the same request has to have the same response.
  const mean = (sum: number) => (n === 0 ? null : Number((sum / n).toPrecision(10)));
  return {
    outcome,
    forced,
    risk_tolerance,
    n,
    n_prospective,
    n_unobserved,
    promised_improvement: mean(sums.expected_improvement),
    realised_improvement: mean(sums.followed_apy - sums.held_apy),
    held_apy: mean(sums.held_apy),
    followed_apy: mean(sums.followed_apy),
    beat_holding: mean(sums.beat_holding),
    worst_improvement,
    interval_level: mean(sums.interval_level),
    coverage: mean(sums.covered),
    mean_confidence: mean(sums.confidence),
    first_target_at: sums.first_target_at && toTimestamp(sums.first_target_at),
    last_target_at: sums.last_target_at && toTimestamp(sums.last_target_at),
  };
}

function toTimestamp(moment: string): string {
  return new Date(moment).toISOString();
}
