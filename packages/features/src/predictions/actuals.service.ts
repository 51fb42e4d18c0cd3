import type { MarketSeries } from "@obsqra/ml";
import { realisedRisk, realisedYield } from "@obsqra/ml";
import { type CreateId, writeTransaction } from "@obsqra/platform";
import { riskScore } from "@obsqra/starknet";
import { loadPanel } from "../market/market.service.ts";
import { dateToDay } from "../market/market-days.ts";
import {
  type DuePredictionRow,
  findOutcomesKnownUntil,
  listDuePredictions,
  updateActuals,
} from "./actuals.queries.ts";
import type { ModelsDependencies } from "./models.service.ts";

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
 * Forecasts that were stale when they were made spoke about the past and get none.
 */
export async function recordActuals(
  deps: ModelsDependencies & { readonly createId: CreateId },
): Promise<RecordedActuals> {
  const until = await findOutcomesKnownUntil(deps.db, deps.marketSource);
  if (until === undefined) return { recorded: 0, unobserved: 0 };
  let readOutcome: ReturnType<typeof outcomeReader> | undefined;
  let after: DuePredictionRow | undefined;
  let recorded = 0;
  let due = 0;
  do {
    const rows = await listDuePredictions(deps.db, {
      source: deps.marketSource,
      until,
      after,
      limit: batchSize,
    });
    after = rows.at(-1);
    if (after === undefined) break;
    due += rows.length;
    readOutcome ??= outcomeReader(await loadPanel(deps, deps.marketSource));
    const outcomes = rows.map(({ id, ...row }) => ({ id, actual_value: readOutcome?.(row) ?? Number.NaN }));
    const known = outcomes.filter(({ actual_value }) => Number.isFinite(actual_value));
    const recordedAt = deps.clock();
    recorded += await writeTransaction(deps, (trx) => updateActuals(trx, known, recordedAt));
  } while (after !== undefined);
  return { recorded, unobserved: due - recorded };
}

/** Less of a protocol's weight than this with a known outcome, and the protocol's is not known. */
const knownWeightMin = 0.9;

/** Reads outcomes from a panel, each market's once for all models that forecast it. */
function outcomeReader(panel: readonly MarketSeries[]): (row: Omit<DuePredictionRow, "id">) => number {
  const seriesById = new Map(panel.map((series) => [series.market_id, series]));
  const known = new Map<string, number>();

  function marketOutcome(marketId: string, row: Omit<DuePredictionRow, "id">): number {
    const series = seriesById.get(marketId);
    if (series === undefined) return Number.NaN;
    const asOfDay = dateToDay(row.as_of);
    const horizonDays = dateToDay(row.target_at) - asOfDay;
    const apyCapPercent = row.apy_cap_percent ?? Number.POSITIVE_INFINITY;
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
