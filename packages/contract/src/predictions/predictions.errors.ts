import { z } from "zod";
import { timestamp } from "../common/common.schema.ts";
import { defineError } from "../errors/define-error.ts";

const forecastsNotReady = z.object({
  missing: z
    .enum(["history", "model", "current_history"])
    .describe(
      "history: none is loaded yet; model: none is trained yet; current_history: what is loaded is too old to advise on",
    ),
  newest_day: timestamp.nullable().describe("UTC midnight of the newest day of history that counts"),
  retry_after_seconds: z.int().describe("By then the service has tried again to get what is missing"),
});

export const predictionsErrors = {
  FORECASTS_NOT_READY: defineError({
    trpcCode: "SERVICE_UNAVAILABLE",
    title: "Forecasts not ready",
    details: forecastsNotReady,
    message: ({ missing, newest_day, retry_after_seconds }) =>
      `There are no current forecasts: ${describeMissing(missing, newest_day)} Try again in ${retry_after_seconds} seconds.`,
    cause:
      "The market history is too short or too old, or the models are being trained; details.missing says which.",
    remedy:
      "Try again after the seconds in Retry-After. If it stays, /ready tells the operator what is missing: pnpm refresh loads history, pnpm train trains.",
    exampleDetails: {
      missing: "current_history",
      newest_day: "2026-01-07T00:00:00.000Z",
      retry_after_seconds: 1_380,
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

function describeMissing(
  missing: z.output<typeof forecastsNotReady>["missing"],
  newestDay: string | null,
): string {
  switch (missing) {
    case "history":
      return "no market history is loaded yet.";
    case "model":
      return "no model is trained yet, or the market history is too short for one.";
    case "current_history":
      return `the market history ends on ${newestDay?.slice(0, 10)}, which is too old to advise on, and is loaded again.`;
  }
}
