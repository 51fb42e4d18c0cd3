import { z } from "zod";
import { defineError } from "../define-error.ts";

const limitName = z.enum([
  "active_candidates",
  "preferred_protocols",
  "max_portfolio_risk",
  "max_single",
  "min_diversification",
  "min_share",
]);

export const predictionsErrors = {
  FORECASTS_NOT_READY: defineError({
    trpcCode: "SERVICE_UNAVAILABLE",
    title: "Forecasts not ready",
    details: z.undefined(),
    message: () =>
      "There are no current forecasts: the market history is too short or too old, or the models are being trained.",
  }),
  ALLOCATION_INFEASIBLE: defineError({
    trpcCode: "UNPROCESSABLE_CONTENT",
    title: "No allocation keeps all limits",
    details: z.object({ conflicting_limits: z.array(limitName), reason: z.string() }),
    message: ({ reason }) => `No allocation keeps all your limits. ${reason}`,
  }),
  ALLOCATION_INVALID: defineError({
    trpcCode: "UNPROCESSABLE_CONTENT",
    title: "Allocation not valid",
    details: z.object({ reason: z.string() }),
    message: ({ reason }) => `The allocation is not valid: ${reason}.`,
  }),
  SUGGESTION_NOT_FOUND: defineError({
    trpcCode: "NOT_FOUND",
    title: "No such suggestion",
    details: z.undefined(),
    message: () => "You have no suggestion with this id.",
  }),
} as const;
