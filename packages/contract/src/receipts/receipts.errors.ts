import { z } from "zod";
import { defineError } from "../errors/define-error.ts";

export const receiptsErrors = {
  RECEIPT_NOT_FOUND: defineError({
    trpcCode: "NOT_FOUND",
    title: "No such receipt",
    details: z.undefined(),
    message: () => "There is no receipt with this id.",
    cause:
      "No forecast, or none of your suggestions, has this id, or it is not in the transparency log: a new one gets there within a minute, one from before there was a log never does. Where your chains end gets there once an hour.",
    remedy:
      "Read the ids from GET /api/v1/predictions/risk-forecast, yield-forecast or rebalance-suggestions; try a new one again in a minute.",
  }),
} as const;
