import type { RebalanceSuggestion, RebalanceSuggestions, RebalanceSuggestionsInput } from "@obsqra/contract";
import { rebalanceSuggestion, suggestionReceiptPath } from "@obsqra/contract";
import type { Database } from "@obsqra/db";
import type { Actor } from "@obsqra/platform";
import { AppError, idKey, readCursor, toPage } from "@obsqra/platform";
import { isMarketFile } from "../../market/market.service.ts";
import { findSuggestion, listSuggestions, type SuggestionRow } from "./suggestions.queries.ts";

/** What reading suggestions uses. */
export interface SuggestionsDependencies {
  readonly db: Database;
  readonly actor: Actor;
}

/**
 * The user's suggestions as they were given.
 *
 * @throws AppError CURSOR_INVALID
 */
export async function getSuggestions(
  deps: SuggestionsDependencies,
  input: RebalanceSuggestionsInput,
): Promise<RebalanceSuggestions> {
  const { owner_id } = deps.actor;
  const view = { list: "rebalance_suggestions", owner_id, input };
  const rows = await listSuggestions(deps.db, {
    owner_id,
    outcome: input.outcome,
    sort: input.sort,
    after: readCursor(view, idKey)?.[0],
    limit: input.limit + 1,
  });
  const page = toPage(view, rows, (row) => [row.id]);
  return {
    items: page.items.map(({ answer }) => readAnswer(answer)),
    next_cursor: page.next_cursor,
  };
}

/**
 * One of the user's suggestions.
 *
 * @throws AppError SUGGESTION_NOT_FOUND, also for another user's
 */
export async function getSuggestion(deps: SuggestionsDependencies, id: string): Promise<SuggestionRow> {
  const row = await findSuggestion(deps.db, { id, owner_id: deps.actor.owner_id });
  if (row === undefined) throw new AppError("SUGGESTION_NOT_FOUND", undefined);
  return row;
}

/**
 * A suggestion as its owner was given it.
 *
 * @returns undefined when the owner has none with this id
 */
export async function getSuggestionAsGiven(
  deps: Pick<SuggestionsDependencies, "db">,
  key: { readonly id: string; readonly owner_id: string },
): Promise<RebalanceSuggestion | undefined> {
  const row = await findSuggestion(deps.db, key);
  return row && readAnswer(row.answer);
}

/**
 * A suggestion as it was given. What earlier versions did not say yet reads as unknown: prices of limits, whether a source is replayed,
 * markets and costs.
 */
function readAnswer(stored: unknown): RebalanceSuggestion {
  const given = stored as RebalanceSuggestion;
  const answer = { ...given, made_from: given.made_from ?? null, receipt: suggestionReceiptPath(given.id) };
  const { data_source, shares, optimality_gap } = answer;
  if (optimality_gap !== undefined) return answer;
  return rebalanceSuggestion.parse({
    ...answer,
    data_source: { ...data_source, replay: isMarketFile(data_source.name) },
    // Of markets they named symbols only.
    shares: shares.map((share) => ({ ...share, markets: [] })),
  });
}
