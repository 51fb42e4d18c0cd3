import { defineEndpoint } from "../endpoints/endpoint.ts";
import { forecastReceipt, forecastReceiptInput } from "./receipts.schema.ts";

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
} as const;
