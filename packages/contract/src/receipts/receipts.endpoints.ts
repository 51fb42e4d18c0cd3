import { z } from "zod";
import { defineEndpoint } from "../endpoints/endpoint.ts";
import {
  chainsReceipt,
  forecastReceipt,
  forecastReceiptInput,
  suggestionReceipt,
  suggestionReceiptInput,
} from "./receipts.schema.ts";

export const receiptsEndpoints = {
  forecast: defineEndpoint({
    kind: "query",
    access: "public",
    weight: 2,
    rest: { method: "GET", path: "/predictions/forecasts/:forecast_id/receipt", status: 200 },
    summary: "That a forecast was committed to the transparency log",
    description:
      "For everybody who wants to check a forecast without believing the service; docs/verification.md says how, and what it proves. The log itself is at /log, without /api/v1.",
    input: forecastReceiptInput,
    output: forecastReceipt,
    errors: ["RECEIPT_NOT_FOUND"],
  }),
  suggestion: defineEndpoint({
    kind: "query",
    access: "predictions:read",
    weight: 2,
    rest: { method: "GET", path: "/predictions/rebalance-suggestions/:suggestion_id/receipt", status: 200 },
    summary: "That one of your suggestions was committed to the transparency log",
    description:
      "The log has salted hashes of it, and this is what opens them: pass it to nobody who must not know what you hold. docs/verification.md says how it is checked, and that the advice was the best by the data that it rests on.",
    input: suggestionReceiptInput,
    output: suggestionReceipt,
    errors: ["SUGGESTION_NOT_FOUND", "RECEIPT_NOT_FOUND"],
  }),
  chains: defineEndpoint({
    kind: "query",
    access: "session",
    permission: "transactions:read",
    // A tile of chains is hashed for each, and the last one.
    weight: 4,
    rest: { method: "GET", path: "/users/chains/receipt", status: 200 },
    summary: "That the transparency log has where your chains ended",
    description:
      "Your transactions and your security events are chains, and once an hour the log commits to where each ends. Keep this: a chain without the entry that it ended with was cut off or written anew, and this proves it. docs/verification.md says how it is checked.",
    input: z.undefined(),
    output: chainsReceipt,
    errors: ["RECEIPT_NOT_FOUND"],
  }),
} as const;
