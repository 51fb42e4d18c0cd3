import type { Database } from "@obsqra/db";
import {
  type ForecastRecordRow,
  getIntervalRecord,
  listIlliquidityRecords,
  listLowYieldRecords,
  listRiseRecords,
} from "./alert-records.queries.ts";

/** What the record of forecasts is read with. */
export interface AlertRecordDependencies {
  readonly db: Database;
  readonly clock: () => Date;
  readonly marketSource: string;
}

/** What a forecast says of a threshold: that a risk rises above it, a yield is below it, or a probability of illiquidity above. */
export type ThresholdForecast = "forecast" | "yield" | "illiquidity";

const listRecords = {
  forecast: listRiseRecords,
  yield: listLowYieldRecords,
  illiquidity: listIlliquidityRecords,
} as const;

/**
 * How often forecasts were right so far that said what an alert says. Only of forecasts that were made before what they forecast;
 * those of all protocols together, since of one there are few.
 */
export async function getThresholdRecords(
  { db, clock, marketSource }: AlertRecordDependencies,
  kind: ThresholdForecast,
  thresholds: readonly number[],
): Promise<ReadonlyMap<number, ForecastRecordRow>> {
  const asked = [...new Set(thresholds)];
  if (asked.length === 0) return new Map();
  const rows = await listRecords[kind](db, {
    source: marketSource,
    now: clock(),
    thresholds: asked,
  });
  return new Map(rows.map(({ threshold, matured, right }) => [threshold, { matured, right }]));
}

/** How often the outcomes of what suggestions rest on, forecasts of risk and yield, were within the stated interval so far. */
export async function getForecastRecord({
  db,
  clock,
  marketSource,
}: AlertRecordDependencies): Promise<ForecastRecordRow> {
  return getIntervalRecord(db, { source: marketSource, now: clock() });
}
