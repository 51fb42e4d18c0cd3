import type { ForecastFigures, MarketSeries, PanelForecasts } from "@obsqra/ml";
import type { CreateId } from "@obsqra/platform";
import { dayToDate } from "../../market/market-days.ts";
import type { NewPredictionRow } from "./forecasts.queries.ts";

/** What is forecast from. */
export interface ForecastData {
  readonly panel: readonly MarketSeries[];
  /** The newest day that the source knows; markets that have been silent since long before are stale. */
  readonly newestDay: number;
}

/** A model's forecasts of every market and protocol, as rows to be stored. */
export function toForecastRows(
  deps: { readonly clock: () => Date; readonly createId: CreateId; readonly marketSource: string },
  { markets, protocols }: PanelForecasts,
  data: Pick<ForecastData, "newestDay">,
): NewPredictionRow[] {
  const createdAt = deps.clock();
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
    stale: data.newestDay > forecast.target_day,
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
    details: { ...facts.details, explanation: forecast.explanation } as unknown as string,
    created_at: createdAt,
  });
  return [
    ...markets.map((forecast) => toRow(forecast, forecast)),
    ...protocols.map((forecast) =>
      toRow(forecast, { market_id: null, details: { ...forecast.details, markets: forecast.markets } }),
    ),
  ];
}
