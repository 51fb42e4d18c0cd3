import type { Database } from "@obsqra/db";
import type { ForecastFigures, MarketSeries, TrainedModels } from "@obsqra/ml";
import { forecastMarkets, forecastProtocols, type LoadedModel } from "@obsqra/ml";
import { riskScore } from "@obsqra/starknet";
import type { CreateId } from "../create-id.ts";
import { findImport, loadPanel } from "../market/market.service.ts";
import { dateToDay, dayToDate } from "../market/market-days.ts";
import type { NewPredictionRow } from "./forecasts.queries.ts";
import { insertPredictions } from "./forecasts.queries.ts";
import { type LiveModels, loadLiveModels, type ModelsDependencies, promoteModels } from "./models.service.ts";

/** What making models and forecasts uses. */
export interface RefreshDependencies extends ModelsDependencies {
  readonly db: Database;
  readonly createId: CreateId;
}

/** Trains both models on a panel, away from the event loop. */
export type TrainModels = (panel: readonly MarketSeries[]) => Promise<TrainedModels>;

/**
 * Trains on everything that the source has observed, makes the result live, and forecasts with it.
 *
 * @returns the models that answer from now on
 */
export async function retrainModels(
  deps: RefreshDependencies,
  options: { readonly horizonDays: number; readonly train: TrainModels },
): Promise<LiveModels> {
  const panel = await loadPanel(deps, deps.marketSource);
  await promoteModels(deps, await options.train(panel));
  const live = await loadLiveModels(deps, options.horizonDays);
  if (live === undefined) throw new Error("The models that were just stored cannot be found.");
  await storeForecasts(deps, live, panel);
  return live;
}

/** Forecasts every market and protocol from the newest observations, and keeps the forecasts. */
export async function refreshPredictions(deps: RefreshDependencies, live: LiveModels): Promise<void> {
  await storeForecasts(deps, live, await loadPanel(deps, deps.marketSource));
}

async function storeForecasts(
  deps: RefreshDependencies,
  live: LiveModels,
  panel: readonly MarketSeries[],
): Promise<void> {
  const latest = await findImport(deps, deps.marketSource);
  if (latest === undefined) return;
  const newestDay = dateToDay(latest.observed_until);
  for (const model of [live.risk, live.yield]) {
    await insertPredictions(deps.db, toRows(deps, model, { panel, newestDay }));
  }
}

function toRows(
  deps: RefreshDependencies,
  model: LoadedModel,
  data: { readonly panel: readonly MarketSeries[]; readonly newestDay: number },
): NewPredictionRow[] {
  const markets = forecastMarkets(model, data.panel, { scoreRisk: riskScore });
  const toRow = (
    forecast: ForecastFigures,
    facts: { readonly market_id: string | null; readonly details: object },
  ): NewPredictionRow => ({
    id: deps.createId(),
    kind: forecast.kind,
    source: deps.marketSource,
    protocol: forecast.protocol,
    market_id: facts.market_id,
    model_version: forecast.model_version,
    as_of: dayToDate(forecast.as_of_day),
    target_at: dayToDate(forecast.target_day),
    stale: data.newestDay - forecast.as_of_day > forecast.horizon_days,
    value: forecast.value,
    lower: forecast.lower,
    upper: forecast.upper,
    interval_level: forecast.interval_level,
    confidence: forecast.confidence,
    confidence_tolerance: forecast.confidence_tolerance,
    current_value: forecast.current,
    baseline_value: forecast.baseline_value,
    served_by: forecast.served_by,
    // Nested JSON, not text: the rows travel to the database as one JSON document.
    details: facts.details as unknown as string,
    created_at: deps.clock(),
  });
  return [
    ...markets.map((forecast) => toRow(forecast, forecast)),
    ...forecastProtocols(model, markets).map((forecast) =>
      toRow(forecast, { market_id: null, details: { ...forecast.details, markets: forecast.markets } }),
    ),
  ];
}
