import type { Database } from "@obsqra/db";
import { listRiskForecastsOf } from "./risk-forecasts.queries.ts";

/** What a model forecasts of the risk of a protocol. */
export interface ProtocolRiskForecast {
  readonly protocol: string;
  /** Forecast for `target_at`, 0 to 100. */
  readonly risk_score: number;
  readonly current_risk_score: number;
  readonly target_at: string;
}

/** The forecasts of protocols' risk that a model has made from an import, without those that had run out by then. */
export async function getRiskForecastsOf(
  { db, marketSource }: { readonly db: Database; readonly marketSource: string },
  run: { readonly import_id: string; readonly model_version: string },
): Promise<ProtocolRiskForecast[]> {
  const rows = await listRiskForecastsOf(db, { ...run, source: marketSource });
  return rows.map(({ protocol, value, current_value, target_at }) => ({
    protocol,
    risk_score: value,
    current_risk_score: current_value,
    target_at: target_at.toISOString(),
  }));
}
