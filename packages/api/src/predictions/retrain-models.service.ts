import type { Database } from "@obsqra/db";
import type { ForecastFigures, MarketSeries, TrainedModels } from "@obsqra/ml";
import { forecastMarkets, forecastProtocols, type LoadedModel, loadModel } from "@obsqra/ml";
import { riskScore } from "@obsqra/starknet";
import type { CreateId } from "../create-id.ts";
import { findImport, loadPanel } from "../market/market.service.ts";
import { dateToDay, dayToDate } from "../market/market-days.ts";
import type { NewPredictionRow } from "./forecasts.queries.ts";
import { insertPredictions } from "./forecasts.queries.ts";
import { type LiveModels, type ModelsDependencies, promoteModels, storeModels } from "./models.service.ts";

/** What making models and forecasts uses. */
export interface RetrainDependencies extends ModelsDependencies {
  readonly db: Database;
  readonly createId: CreateId;
}

/** What is forecast from. */
interface ForecastData {
  readonly panel: readonly MarketSeries[];
  /** The newest day that the source knows; markets that have been silent since long before are stale. */
  readonly newestDay: number;
}

/** Trains both models on a panel, away from the event loop. */
export type TrainModels = (panel: readonly MarketSeries[]) => Promise<TrainedModels>;

/**
 * Trains on everything that the source has observed, makes the result live, and forecasts with it.
 *
 * @returns the models that answer from now on
 */
export async function retrainModels(
  deps: RetrainDependencies,
  options: { readonly horizonDays: number; readonly train: TrainModels },
): Promise<LiveModels> {
  const latest = await findImport(deps, deps.marketSource);
  if (latest === undefined) throw new Error(`Nothing has been imported from ${deps.marketSource}.`);
  const panel = await loadPanel(deps, deps.marketSource);
  const trained = await options.train(panel);
  const models = { risk: loadModel(trained.risk.artefact), yield: loadModel(trained.yield.artefact) };
  for (const { header, version } of [models.risk, models.yield]) {
    if (header.horizon_days !== options.horizonDays) {
      throw new Error(`Model ${version} forecasts ${header.horizon_days} days, not ${options.horizonDays}.`);
    }
  }
  await storeModels(deps, trained);
  // Last, so that the models before answer until there are forecasts of the new ones.
  await storeForecasts(deps, models, { panel, newestDay: dateToDay(latest.observed_until) });
  await promoteModels(deps, models, latest.id);
  return models;
}

async function storeForecasts(
  deps: RetrainDependencies,
  models: LiveModels,
  data: ForecastData,
): Promise<void> {
  for (const model of [models.risk, models.yield]) {
    await insertPredictions(deps.db, toRows(deps, model, data));
  }
}

function toRows(deps: RetrainDependencies, model: LoadedModel, data: ForecastData): NewPredictionRow[] {
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
