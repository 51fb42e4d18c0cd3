import type { MarketSeries } from "@obsqra/ml";
import { knownWeightMin, realisedRisk, realisedYield } from "@obsqra/ml";
import { type CreateId, type Emit, type Logger, writeTransaction } from "@obsqra/platform";
import { riskScore } from "@obsqra/starknet";
import { loadPanel } from "../../market/market.service.ts";
import { dateToDay } from "../../market/market-days.ts";
import type { ModelsDependencies } from "../models/models.service.ts";
import {
  type DuePredictionRow,
  findKnownOutcomes,
  listDuePredictions,
  updateActuals,
} from "./actuals.queries.ts";
import { type ApyCaps, addApyCaps } from "./apy-caps.service.ts";

/** What a run of {@link recordActuals} did. */
export interface RecordedActuals {
  /** Forecasts that got their outcome now. */
  readonly recorded: number;
  /** Forecasts that are due, but whose outcome the source has not observed. They are tried again after the next import, for 90 days. */
  readonly unobserved: number;
}

/** Forecasts in one statement. */
const batchSize = 2_000;

/**
 * Adds to every forecast of the source what came true, once that is known; for a job to call whenever history was
 * loaded. Running it again, or twice at once, is harmless: a recorded outcome is never replaced.
 *
 * A market's outcome is what its model was trained and tested on: the risk score on the target day, or the mean APY of
 * the days until then, at least half of which have to be observed. A protocol's outcome is that of its markets,
 * with the weights known when it was forecast; markets of at least 90 % of the weight have to have an outcome.
 * Forecasts that were stale when they were made spoke about the past and get none. Nor do those of a model whose row was
 * changed, which is logged: an outcome is for good, and depends on the model's parameters.
 */
export async function recordActuals(
  deps: ModelsDependencies & { readonly createId: CreateId; readonly log: Pick<Logger, "error"> },
): Promise<RecordedActuals> {
  const asked = { source: deps.marketSource, now: deps.clock() };
  const outcomesOf = await findKnownOutcomes(deps.db, asked);
  if (outcomesOf === undefined) return { recorded: 0, unobserved: 0 };
  const { import_id: importId, until } = outcomesOf;
  let readOutcome: ReturnType<typeof outcomeReader> | undefined;
  const apyCaps: ApyCaps = new Map();
  let after: DuePredictionRow | undefined;
  let recorded = 0;
  let unobserved = 0;
  do {
    const rows = await listDuePredictions(deps.db, {
      source: deps.marketSource,
      until,
      after,
      limit: batchSize,
    });
    after = rows.at(-1);
    if (after === undefined) break;
    if (readOutcome === undefined) {
      readOutcome = outcomeReader(await loadPanel(deps, deps.marketSource));
      // Newer history came while it was read; nothing is recorded yet.
      const newest = await findKnownOutcomes(deps.db, asked);
      if (newest?.import_id !== importId) return recordActuals(deps);
    }
    const versions = rows.map(({ model_version }) => model_version);
    await addApyCaps(deps, apyCaps, versions);
    const outcomes = rows.map(({ id, ...row }) => {
      const apyCapPercent = apyCaps.get(row.model_version);
      const outcome = apyCapPercent === undefined ? undefined : readOutcome?.({ ...row, apyCapPercent });
      return { id, actual_value: outcome ?? Number.NaN };
    });
    const known = outcomes.filter(({ actual_value }) => Number.isFinite(actual_value));
    unobserved += rows.length - known.length;
    const recordedAt = deps.clock();
    recorded += await writeTransaction(deps, async (trx, emit) => {
      const count = await updateActuals(trx, known, { recordedAt, importId });
      if (count > 0) emitOutcomes(emit, { importId, source: deps.marketSource, recordedAt, count });
      return count;
    });
  } while (after !== undefined);
  return { recorded, unobserved };
}

function emitOutcomes(
  emit: Emit,
  outcomes: {
    readonly importId: string;
    readonly source: string;
    readonly recordedAt: Date;
    readonly count: number;
  },
): void {
  const { importId, source, recordedAt, count } = outcomes;
  const payload = { source, recorded_at: recordedAt.toISOString(), count };
  emit({ type: "outcomes.recorded", subject: importId, owner_id: null, payload });
}

/** What an outcome depends on. */
interface Asked extends Omit<DuePredictionRow, "id" | "model_version"> {
  readonly apyCapPercent: number;
}

/**
 * Reads outcomes from a panel, each market's once for all models that forecast it: NaN where too little was observed.
 */
export function outcomeReader(panel: readonly MarketSeries[]): (row: Asked) => number {
  const seriesById = new Map(panel.map((series) => [series.market_id, series]));
  const known = new Map<string, number>();

  function marketOutcome(marketId: string, row: Asked): number {
    const series = seriesById.get(marketId);
    if (series === undefined) return Number.NaN;
    const asOfDay = dateToDay(row.as_of);
    const horizonDays = dateToDay(row.target_at) - asOfDay;
    const { apyCapPercent } = row;
    const key = [marketId, row.kind, asOfDay, horizonDays, apyCapPercent].join();
    const outcome =
      known.get(key) ??
      (row.kind === "risk"
        ? realisedRisk(series, asOfDay, { horizonDays, scoreRisk: riskScore })
        : realisedYield(series, asOfDay, { horizonDays, apyCapPercent }));
    known.set(key, outcome);
    return outcome;
  }

  return (row) => {
    if (row.market_id !== null) return marketOutcome(row.market_id, row);
    let sum = 0;
    let weight = 0;
    for (const market of row.markets ?? []) {
      const outcome = marketOutcome(market.market_id, row);
      if (Number.isNaN(outcome)) continue;
      sum += market.weight * outcome;
      weight += market.weight;
    }
    return weight >= knownWeightMin ? sum / weight : Number.NaN;
  };
}
