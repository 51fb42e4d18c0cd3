import { Mismatch } from "./check.ts";

/** A receipt as `GET /api/v1/predictions/forecasts/{id}/receipt` gives it. */
export interface ForecastReceipt {
  readonly forecast_id: string;
  readonly log_url: string;
  readonly entry: string;
  /** Null where it is the entry. */
  readonly stored: string | null;
  readonly tlog_proof: string;
  /** Cosigned, and covers the entry; null where no witness has cosigned one. */
  readonly witnessed_checkpoint: string | null;
  readonly outcome: ForecastOutcome | null;
}

/** What came true of a forecast, as the service serves it. */
export interface ForecastOutcome {
  /** Of the entry that commits to it; null while there is none. */
  readonly leaf_index: number | null;
  readonly value: number;
  readonly recorded_at: string;
}

/** @throws Mismatch when it is no receipt */
export function parseReceipt(value: unknown): ForecastReceipt {
  const receipt = fieldsOf(value);
  const text = (name: string): string => {
    const field = receipt[name];
    if (typeof field !== "string") throw new Mismatch(`It is no receipt: ${name} is no text.`);
    return field;
  };
  return {
    forecast_id: text("forecast_id"),
    log_url: text("log_url"),
    entry: text("entry"),
    stored: receipt.stored === null ? null : text("stored"),
    tlog_proof: text("tlog_proof"),
    // Services of earlier versions have none.
    witnessed_checkpoint:
      (receipt.witnessed_checkpoint ?? null) === null ? null : text("witnessed_checkpoint"),
    outcome: parseOutcome(receipt.outcome),
  };
}

function parseOutcome(value: unknown): ForecastOutcome | null {
  if (value === null) return null;
  const { leaf_index, value: outcome, recorded_at } = fieldsOf(value);
  const hasPlace = leaf_index === null || typeof leaf_index === "number";
  if (!hasPlace || typeof outcome !== "number" || typeof recorded_at !== "string") {
    throw new Mismatch("It is no receipt: its outcome is malformed.");
  }
  return { leaf_index, value: outcome, recorded_at };
}

function fieldsOf(value: unknown): Readonly<Record<string, unknown>> {
  if (typeof value !== "object" || value === null) throw new Mismatch("It is no receipt.");
  return value as Readonly<Record<string, unknown>>;
}
