import { z } from "zod";
import { defineError } from "../errors/define-error.ts";

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
    cause: "The market history is too short or too old, or the models are being trained.",
    remedy: "Try again in a minute. If it stays, /ready tells the operator what is missing.",
  }),
  ALLOCATION_INFEASIBLE: defineError({
    trpcCode: "UNPROCESSABLE_CONTENT",
    title: "No allocation keeps all limits",
    details: z.object({ conflicting_limits: z.array(limitName), reason: z.string() }),
    message: ({ reason }) => `No allocation keeps all your limits. ${reason}`,
    cause:
      "No mix of protocols keeps all limits at once; details.conflicting_limits names those that collide.",
    remedy: "Loosen one of them: a higher risk tolerance, or more preferred protocols.",
    exampleDetails: {
      conflicting_limits: ["max_single", "preferred_protocols"],
      reason: "One protocol may hold at most 40 %, and only two may hold anything.",
    },
  }),
  ALLOCATION_INVALID: defineError({
    trpcCode: "UNPROCESSABLE_CONTENT",
    title: "Allocation not valid",
    details: z.object({ reason: z.string() }),
    message: ({ reason }) => `The allocation is not valid: ${reason}.`,
    cause: "The shares of the allocation do not sum to 100, or it does not go with the rest of the request.",
    remedy: "Correct what details.reason says.",
    exampleDetails: { reason: "the shares sum to 90 %, not to 100 %" },
  }),
  SUGGESTION_NOT_FOUND: defineError({
    trpcCode: "NOT_FOUND",
    title: "No such suggestion",
    details: z.undefined(),
    message: () => "You have no suggestion with this id.",
    cause: "None of the user's suggestions has this id.",
    remedy: "Read the ids from GET /api/v1/predictions/rebalance-suggestions.",
  }),
} as const;
