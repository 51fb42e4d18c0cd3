import type { ForecastReceipt, ForecastReceiptInput } from "@obsqra/contract";
import type { Database } from "@obsqra/db";
import { AppError } from "@obsqra/platform";
import { canonicalJson, formatTlogProof, parseCheckpoint } from "@obsqra/receipts";
import { z } from "zod";
import { findLoggedForecast } from "./forecast-receipt.queries.ts";
import { openLog } from "./log/append-log.service.ts";
import { forecastContent } from "./log/log-content.ts";

/** What giving receipts uses. */
export interface ReceiptDependencies {
  readonly db: Database;
  readonly publicUrl: string;
}

/** What only the log knows of a forecast. */
const placeInLog = z.object({
  batch: z.string(),
  position: z.int(),
  logged_at: z.string(),
  /** Not in entries of versions that published nothing. */
  made_from: z.record(z.string(), z.unknown()).optional(),
});

/**
 * That a forecast was committed to the log.
 *
 * @throws AppError RECEIPT_NOT_FOUND
 */
export async function getForecastReceipt(
  { db, publicUrl }: ReceiptDependencies,
  { forecast_id }: ForecastReceiptInput,
): Promise<ForecastReceipt> {
  const found = await findLoggedForecast(db, forecast_id);
  if (found === undefined) throw new AppError("RECEIPT_NOT_FOUND", undefined);
  const { leaf_index, entry: bytes, checkpoint, witnessed_checkpoint, ...row } = found;
  const { actual_value, actual_at, outcome_index, ...forecast } = row;
  const entry = Buffer.from(bytes).toString();
  const proof = await openLog(db, parseCheckpoint(checkpoint).size).proveInclusion(leaf_index);
  const place = placeInLog.parse(JSON.parse(entry));
  const stored = canonicalJson({ ...forecastContent(forecast), ...place, type: "forecast" });
  return {
    forecast_id,
    log_url: `${publicUrl}/log`,
    entry,
    stored: stored === entry ? null : stored,
    tlog_proof: formatTlogProof({ index: leaf_index, proof, checkpoint }),
    outcome:
      actual_value === null || actual_at === null
        ? null
        : { leaf_index: outcome_index, value: actual_value, recorded_at: actual_at.toISOString() },
    witnessed_checkpoint,
    attestation: witnessed_checkpoint === null ? "self_attested" : "witnessed",
  };
}
