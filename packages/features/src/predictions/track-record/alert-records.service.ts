import type { Database } from "@obsqra/db";
import { type ForecastRecordRow, getIntervalRecord, listRiseRecords } from "./alert-records.queries.ts";

/** What the record of forecasts is read with. */
export interface AlertRecordDependencies {
  readonly db: Database;
  readonly marketSource: string;
}

/**
 * How often forecasts were right so far that said what an alert says: that the risk of a protocol rises above a threshold. Only of
 * forecasts that were made before what they forecast; those of all protocols together, since of one there are few.
 *
 * @param thresholds whole, 0 to 100
 */
export async function getRiseRecords(
  { db, marketSource }: AlertRecordDependencies,
  thresholds: readonly number[],
): Promise<ReadonlyMap<number, ForecastRecordRow>> {
  const asked = [...new Set(thresholds)];
  if (asked.length === 0) return new Map();
  const rows = await listRiseRecords(db, { source: marketSource, thresholds: asked });
  return new Map(rows.map(({ threshold, matured, right }) => [threshold, { matured, right }]));
}

/** How often the outcomes of what suggestions rest on, forecasts of risk and yield, were within the stated interval so far. */
export async function getForecastRecord({
  db,
  marketSource,
}: AlertRecordDependencies): Promise<ForecastRecordRow> {
  return getIntervalRecord(db, marketSource);
}
