import { canonicalJson, hexToBytes } from "@obsqra/receipts";
import { Mismatch } from "../check.ts";

/** A receipt as `GET /api/v1/predictions/rebalance-suggestions/{id}/receipt` gives it to its owner. */
export interface SuggestionReceipt {
  readonly suggestion_id: string;
  readonly log_url: string;
  readonly entry: string;
  readonly owner_id: string;
  readonly salt: Uint8Array;
  /** Canonical JSON. */
  readonly suggestion: string;
  readonly batches: readonly number[];
  readonly tlog_proof: string;
  readonly witnessed_checkpoint: string | null;
}

/** What a suggestion says, as far as it is looked at. */
export type Suggestion = Readonly<Record<string, unknown>>;

/** @throws Mismatch when it is no receipt */
export function parseSuggestionReceipt(value: unknown): SuggestionReceipt {
  const receipt: Readonly<Record<string, unknown>> = { ...Object(value) };
  const text = (name: string): string => {
    const field = receipt[name];
    if (typeof field !== "string")
      throw new Mismatch(`It is no receipt of a suggestion: ${name} is no text.`);
    return field;
  };
  const { batches, witnessed_checkpoint } = receipt;
  if (!Array.isArray(batches) || !batches.every(Number.isSafeInteger)) {
    throw new Mismatch("It is no receipt of a suggestion: batches are no entries.");
  }
  return {
    suggestion_id: text("suggestion_id"),
    log_url: text("log_url"),
    entry: text("entry"),
    owner_id: text("owner_id"),
    salt: hexToBytes(text("salt")),
    suggestion: text("suggestion"),
    batches,
    tlog_proof: text("tlog_proof"),
    witnessed_checkpoint: witnessed_checkpoint === null ? null : text("witnessed_checkpoint"),
  };
}

/** @throws Mismatch when it is no suggestion, or could be read in two ways */
export function parseSuggestion({ suggestion, suggestion_id }: SuggestionReceipt): Suggestion {
  const parsed: unknown = JSON.parse(suggestion);
  if (typeof parsed !== "object" || parsed === null || canonicalJson(parsed) !== suggestion) {
    throw new Mismatch("The suggestion is not in canonical form: it could be read in two ways.");
  }
  const fields: Suggestion = { ...parsed };
  if (fields.id !== suggestion_id) throw new Mismatch(`It is not suggestion ${suggestion_id}.`);
  return fields;
}
