import { readPreferences } from "@obsqra/contract";
import { AppError, elapsedMs, PlanOutdatedError, writeTransaction } from "@obsqra/platform";
import { findImport } from "../../market/market.service.ts";
import { loadLiveModels } from "../models/models.service.ts";
import {
  keepSuggestion,
  type OptimizationDependencies,
  type PlannedSuggestion,
  planSuggestion,
} from "./optimization.service.ts";
import { type DueOwnerRow, listDueOwners, noteSuggestion, takeCheck } from "./rebalance-checks.queries.ts";

/** What checking holdings uses. */
export interface RebalanceCheckDependencies extends Omit<OptimizationDependencies, "actor"> {
  /** How many days ahead is forecast. */
  readonly horizonDays: number;
}

/** What a round of checks has come to. */
export interface RebalanceChecked {
  /** Owners whose holdings were checked. */
  readonly checked: number;
  /** Those who were told to move. */
  readonly suggested: number;
  /** Those who could not be advised, by the code of the reason. */
  readonly not_advised: Readonly<Record<string, number>>;
}

const dayMs = 24 * 60 * 60 * 1_000;
/** After somebody was told to move, nothing is said for so long, whatever the forecasts do. */
const quietDays = 3;
const ownersAtOnce = 100;

/**
 * Checks what everybody holds who has asked for it (`auto_rebalance_enabled`), page by page, once for each new history that
 * forecasts rest on, and suggests a move where the optimiser advises one: stored like any suggestion, and told by an event.
 * Nothing moves money. Whoever was told is left alone for three days, and is not told the same again until what they hold has
 * changed, or the advice by as much as their threshold. It may be interrupted anywhere and done again, also by several at once.
 *
 * @returns what was done; nothing while there are no forecasts from the newest history
 */
export async function checkRebalances(
  deps: RebalanceCheckDependencies,
  signal: AbortSignal,
): Promise<RebalanceChecked> {
  const notAdvised: Record<string, number> = {};
  let [checked, suggested] = [0, 0];
  const latest = await findImport(deps, deps.marketSource);
  const importId = latest?.id;
  const models = importId && (await loadLiveModels(deps, { horizonDays: deps.horizonDays, importId }));
  if (importId === undefined || !models) return { checked, suggested, not_advised: notAdvised };
  let page: DueOwnerRow[] = [];
  do {
    page = await listDueOwners(deps.db, { importId, after: page.at(-1)?.owner_id, limit: ownersAtOnce });
    for (const owner of page) {
      if (signal.aborted) return { checked, suggested, not_advised: notAdvised };
      const outcome = await checkOwner(deps, owner, importId);
      if (outcome === "outdated") continue;
      checked += 1;
      if (outcome === "suggested") suggested += 1;
      else if (outcome !== "nothing") notAdvised[outcome] = (notAdvised[outcome] ?? 0) + 1;
    }
  } while (page.length === ownersAtOnce);
  return { checked, suggested, not_advised: notAdvised };
}

/**
 * @returns `suggested`, `nothing`, the code of a refusal, or `outdated` where another process has checked the owner or the basis has
 * changed: the next round looks again
 */
async function checkOwner(
  deps: RebalanceCheckDependencies,
  owner: DueOwnerRow,
  importId: string,
): Promise<string> {
  const { owner_id, plan, preferences } = owner;
  let planned: PlannedSuggestion | undefined;
  let refusal: string | undefined;
  try {
    planned = await planSuggestion({ ...deps, actor: { owner_id, plan, preferences } }, {});
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    // The next round has forecasts again.
    if (error.code === "FORECASTS_NOT_READY") return "outdated";
    refusal = error.code;
  }
  const isNews = planned !== undefined && isWorthTelling(deps.clock(), owner, planned);
  try {
    return await keepCheck(deps, { owner_id, importId, planned: isNews ? planned : undefined, refusal });
  } catch (error) {
    if (error instanceof PlanOutdatedError) return "outdated";
    if (!(error instanceof AppError) || error.code !== "STORAGE_FULL") throw error;
    return await keepCheck(deps, { owner_id, importId, planned: undefined, refusal: error.code });
  }
}

interface Check {
  readonly owner_id: string;
  readonly importId: string;
  /** What the owner is told. */
  readonly planned: PlannedSuggestion | undefined;
  readonly refusal: string | undefined;
}

/** Everything of a check in one transaction, which one of several takes. */
async function keepCheck(
  deps: RebalanceCheckDependencies,
  { owner_id, importId, planned, refusal }: Check,
): Promise<string> {
  const now = deps.clock();
  return writeTransaction(deps, async (trx, emit) => {
    if (!(await takeCheck(trx, { owner_id, import_id: importId, checked_at: now }))) return "outdated";
    if (planned === undefined) return refusal ?? "nothing";
    await keepSuggestion(trx, planned, emit, true);
    await noteSuggestion(trx, { owner_id, suggestion_id: planned.row.id, suggested_at: now });
    return "suggested";
  });
}

function isWorthTelling(
  now: Date,
  { preferences, suggested_at, suggested_bp, held_since }: DueOwnerRow,
  { suggestion, current, row }: PlannedSuggestion,
): boolean {
  if (current === null || suggestion.outcome !== "rebalance") return false;
  if (suggested_at === null || suggested_bp === null) return true;
  if (elapsedMs(suggested_at, now) < quietDays * dayMs) return false;
  if (held_since > suggested_at) return true;
  const threshold = Math.round(readPreferences(preferences).rebalance_threshold * 100);
  const target = JSON.parse(String(row.allocation_bp)) as Readonly<Record<string, number>>;
  return largestChange(suggested_bp, target) >= Math.max(1, threshold);
}

/** The largest difference of a share, in basis points. */
function largestChange(
  one: Readonly<Record<string, number>>,
  other: Readonly<Record<string, number>>,
): number {
  const protocols = Object.keys({ ...one, ...other });
  return Math.max(0, ...protocols.map((name) => Math.abs((one[name] ?? 0) - (other[name] ?? 0))));
}
