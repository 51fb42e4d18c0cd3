import type { DatabaseTransaction } from "@obsqra/db";
import { type CreateId, type Emit, writeTransaction } from "@obsqra/platform";
import { findImport } from "../../market/market.service.ts";
import { type ForecastRun, recordForecastRun } from "../forecasts/forecast-runs.service.ts";
import type { NewPredictionRow } from "../forecasts/forecasts.queries.ts";
import type { MarketSnapshot, MarketSnapshotDependencies } from "../forecasts/market-snapshot.ts";
import {
  findLiveModel,
  hasTrainingDecision,
  insertDecision,
  insertModel,
  insertPromotion,
  lockModels,
  type ModelLine,
  type NewModelDecisionRow,
  type NewModelRow,
  type NewPromotionRow,
} from "./models.queries.ts";
import type { ModelsDependencies } from "./models.service.ts";

/** What deciding about models uses. */
export interface DecisionDependencies extends ModelsDependencies, MarketSnapshotDependencies {
  readonly createId: CreateId;
}

/** A decision about a model, and everything that comes with it. */
export interface PlannedDecision {
  readonly decision: Pick<
    NewModelDecisionRow,
    | "kind"
    | "horizon_days"
    | "challenger_version"
    | "outcome"
    | "reason"
    | "n"
    | "challenger_mae"
    | "champion_mae"
    | "baseline_mae"
  >;
  /** The model that the decision takes for the live one, as it was when it was made. */
  readonly liveVersion: string | undefined;
  /** The challenger's file, when it is new. */
  readonly model: NewModelRow | undefined;
  /** What the model that is live from now on forecasts from the import. */
  readonly forecasts: readonly NewPredictionRow[];
}

/** The newest history, which decisions and forecasts were made from. */
export interface DecisionBasis {
  readonly importId: string;
  readonly snapshot: MarketSnapshot;
}

/** `stale` when the import or a live model was not the newest any more: nothing was stored then. */
export type Recorded = "recorded" | "stale_import" | "stale_champion";

/**
 * Stores decisions with their models, promotions and forecasts: all or nothing, and only if they rest on what is still
 * true. Processes do it one after the other. What was decided before about the same training is not decided again.
 */
export async function recordDecisions(
  deps: DecisionDependencies,
  planned: readonly PlannedDecision[],
  basis: DecisionBasis,
): Promise<Recorded> {
  const { importId } = basis;
  return writeTransaction(deps, async (trx, emit) => {
    await lockModels(trx, deps.marketSource);
    if ((await findImport({ ...deps, db: trx }, deps.marketSource))?.id !== importId) return "stale_import";
    const missing: PlannedDecision[] = [];
    for (const plan of planned) {
      const line = { kind: plan.decision.kind, source: deps.marketSource };
      const live = await findLiveModel(trx, { ...line, now: deps.clock() });
      const isOfHorizon = live?.horizon_days === plan.decision.horizon_days;
      if (isOfHorizon && (await isDecided(trx, line, { plan, importId }))) continue;
      if (live?.version !== plan.liveVersion) return "stale_champion";
      missing.push(plan);
    }
    for (const plan of missing) {
      const rows = toRows(deps, plan, importId);
      await record(trx, plan, rows);
      tell(emit, rows);
      await recordForecastRun(deps, { trx, emit }, toRun(deps, plan, basis));
    }
    return "recorded";
  });
}

/** What an operator decides may be decided again, and a model that cannot be read is always replaced. */
async function isDecided(
  trx: DatabaseTransaction,
  line: ModelLine,
  { plan: { decision }, importId }: { readonly plan: PlannedDecision; readonly importId: string },
): Promise<boolean> {
  if (decision.reason === "by_operator" || decision.reason === "champion_unreadable") return false;
  return hasTrainingDecision(trx, line, {
    importId,
    horizonDays: decision.horizon_days,
    version: decision.challenger_version,
  });
}

interface DecisionRows {
  readonly decision: NewModelDecisionRow & { readonly import_id: string };
  /** Undefined when the live model stays. */
  readonly promotion: NewPromotionRow | undefined;
}

function toRows(
  { createId, clock, marketSource: source }: DecisionDependencies,
  { decision, liveVersion }: PlannedDecision,
  importId: string,
): DecisionRows {
  const { kind, challenger_version: version } = decision;
  const id = createId();
  const decidedAt = clock();
  return {
    decision: {
      ...decision,
      id,
      source,
      champion_version: liveVersion ?? null,
      import_id: importId,
      decided_at: decidedAt,
    },
    promotion:
      decision.outcome === "rejected"
        ? undefined
        : {
            id: createId(),
            kind,
            source,
            version,
            import_id: importId,
            promoted_at: decidedAt,
            decision_id: id,
          },
  };
}

async function record(
  trx: DatabaseTransaction,
  { model }: PlannedDecision,
  { decision, promotion }: DecisionRows,
): Promise<void> {
  if (model !== undefined) await insertModel(trx, model);
  await insertDecision(trx, decision);
  if (promotion !== undefined) await insertPromotion(trx, promotion);
}

function tell(emit: Emit, { decision, promotion }: DecisionRows): void {
  if (promotion === undefined) return;
  const { kind, source } = decision;
  emit({
    type: "model.promoted",
    subject: promotion.version,
    owner_id: null,
    payload: { kind, source, decision_id: decision.id },
  });
}

/** What the model that is live after a decision has forecast. */
function toRun(
  { marketSource: source }: DecisionDependencies,
  { decision, liveVersion, forecasts }: PlannedDecision,
  { importId, snapshot }: DecisionBasis,
): ForecastRun {
  const isKept = decision.outcome === "rejected" && liveVersion !== undefined;
  const version = isKept ? liveVersion : decision.challenger_version;
  return { kind: decision.kind, source, version, importId, snapshot, forecasts };
}

/** The figures of a decision that compares nothing. */
export const nothingCompared = {
  n: 0,
  challenger_mae: null,
  champion_mae: null,
  baseline_mae: null,
} as const;
