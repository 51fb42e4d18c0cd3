import { z } from "zod";
import { timestamp } from "../common/common.schema.ts";
import { objectReference } from "../endpoints/object-reference.ts";
import { exact, figureRules, whole } from "../figures/figures.ts";

export const forecastReceiptInput = z
  .object({ forecast_id: z.uuid().toLowerCase().describe("The id of a forecast, as its list has it") })
  .meta({ id: "ForecastReceiptInput" });
export type ForecastReceiptInput = z.output<typeof forecastReceiptInput>;

export const forecastReceipt = z
  .object({
    forecast_id: z.uuid(),
    log_url: z
      .string()
      .describe("Where the log's checkpoint, tiles and keys are, as C2SP tlog-tiles names them"),
    entry: z
      .string()
      .describe(
        "The forecast as it was committed: canonical JSON (RFC 8785). Its leaf hash is SHA-256 of a zero byte and these bytes",
      ),
    stored: z
      .string()
      .nullable()
      .describe(
        "The same text, made now from what the service has stored and serves, where it is not the entry: the forecast was changed then. Null where it is the entry, to the byte",
      ),
    tlog_proof: z
      .string()
      .describe(
        "The entry's index, its proof of inclusion and the signed checkpoint, in one text that is checked offline: the content of a .tlog-proof file (C2SP tlog-proof)",
      ),
    outcome: z
      .object({
        leaf_index: whole("position in the log")
          .min(0)
          .nullable()
          .describe("Of the entry that commits to it; null while there is none"),
        value: exact(figureRules.error.unit, "as it is stored, hashed and signed").describe(
          "As it is stored and served",
        ),
        recorded_at: timestamp,
      })
      .nullable()
      .describe("What came true; null until that is known"),
    witnessed_checkpoint: z
      .string()
      .nullable()
      .describe(
        "A checkpoint that covers the entry and that witnesses have cosigned (C2SP tlog-cosignature), each with the moment since when it knows it; null where none has. The checkpoint of tlog_proof continues it",
      ),
    attestation: z
      .enum(["self_attested", "witnessed"])
      .describe(
        "Whose word it is that the checkpoint was there in time. self_attested: the service's own, as long as no witness has cosigned one; witnessed: look at witnessed_checkpoint, and believe the witnesses whose keys you know from elsewhere",
      ),
  })
  .meta({ id: "ForecastReceipt" });
export type ForecastReceipt = z.output<typeof forecastReceipt>;

export const suggestionReceiptInput = z
  .object({
    suggestion_id: objectReference("suggestion", z.uuid().toLowerCase()).describe(
      "The id of one of your suggestions",
    ),
  })
  .meta({ id: "SuggestionReceiptInput" });
export type SuggestionReceiptInput = z.output<typeof suggestionReceiptInput>;

export const suggestionReceipt = z
  .object({
    suggestion_id: z.uuid(),
    log_url: forecastReceipt.shape.log_url,
    entry: z
      .string()
      .describe(
        "What was committed to: canonical JSON (RFC 8785) with salted hashes of its owner and of the suggestion, which say nothing to anybody else. Its leaf hash is SHA-256 of a zero byte and these bytes",
      ),
    owner_id: z.uuid().describe("Yours: owner_sha256 is SHA-256 of the salt's bytes and this text"),
    salt: z
      .string()
      .describe(
        "32 bytes in hex. Whoever has it, and a suggestion, can tell that it is this one: keep it to yourself",
      ),
    suggestion: z
      .string()
      .describe(
        "The suggestion as it is stored, as canonical JSON: suggestion_sha256 is SHA-256 of the salt's bytes and this text",
      ),
    batches: z
      .array(whole("position in the log").min(0).describe("Of a manifest"))
      .describe(
        "The entries with the manifests of the forecasts that it rests on, as far as they are in the log",
      ),
    tlog_proof: forecastReceipt.shape.tlog_proof,
    witnessed_checkpoint: forecastReceipt.shape.witnessed_checkpoint,
    attestation: forecastReceipt.shape.attestation,
  })
  .meta({ id: "SuggestionReceipt" });
export type SuggestionReceipt = z.output<typeof suggestionReceipt>;

const chainInLog = z
  .object({
    log: z.enum(["audit", "transactions"]).describe("audit: of security events, GET /users/audit-log"),
    position: whole("position in the log").positive().describe("Of the entry that it ended with"),
    hash: z.string().describe("Of that entry, hexadecimal, as its list shows it"),
    index: whole("position in the tree").min(0).describe("Of its leaf, in the tree over all chains"),
    proof: z
      .array(z.string())
      .describe("The hashes that lead from its leaf to the root in the entry (RFC 6962), each in base64"),
  })
  .meta({ id: "ChainInLog" });

export const chainsReceipt = z
  .object({
    log_url: forecastReceipt.shape.log_url,
    entry: z
      .string()
      .describe(
        "What was committed to: canonical JSON (RFC 8785) with how many chains of users there were, and the root of a tree over where each ended. Its leaf hash is SHA-256 of a zero byte and these bytes",
      ),
    owner_id: z.uuid().describe("Yours, a part of the leaves of your chains"),
    chains: z
      .array(chainInLog)
      .describe(
        "Yours. The leaf of one is the canonical JSON of hash, log, logged_at (of the entry), owner_id and position",
      ),
    tlog_proof: forecastReceipt.shape.tlog_proof,
    witnessed_checkpoint: forecastReceipt.shape.witnessed_checkpoint,
    attestation: forecastReceipt.shape.attestation,
  })
  .meta({ id: "ChainsReceipt" });
export type ChainsReceipt = z.output<typeof chainsReceipt>;
