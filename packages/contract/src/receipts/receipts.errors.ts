import { z } from "zod";
import { defineError } from "../errors/define-error.ts";

export const receiptsErrors = {
  RECEIPT_NOT_FOUND: defineError({
    trpcCode: "NOT_FOUND",
    title: "No receipt of such a forecast",
    details: z.undefined(),
    message: () => "There is no receipt of a forecast with this id.",
    cause:
      "No forecast has this id, or it is not in the transparency log: a new one gets there within a minute, one from before there was a log never does.",
    remedy:
      "Read the ids from GET /api/v1/predictions/risk-forecast or yield-forecast; try a new one again in a minute.",
  }),
} as const;
