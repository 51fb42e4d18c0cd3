import { z } from "zod";
import { defineError } from "../errors/define-error.ts";

const refusals: Readonly<Record<string, string>> = {
  scheme: "only https is sent to",
  port: "only the ports 443 and 8443 are sent to",
  address: "the address is not public",
};

export const webhooksErrors = {
  WEBHOOK_NOT_FOUND: defineError({
    trpcCode: "NOT_FOUND",
    title: "No such webhook",
    details: z.undefined(),
    message: () => "You have no webhook with this id.",
    cause: "None of the user's webhooks has this id, or it was deleted.",
    remedy: "Read the ids from GET /api/v1/webhooks.",
  }),
  WEBHOOK_DELIVERY_NOT_FOUND: defineError({
    trpcCode: "NOT_FOUND",
    title: "No such delivery",
    details: z.undefined(),
    message: () => "None of your webhooks has a delivery with this id.",
    cause: "The id is not one of the user's deliveries, or the delivery is older than 30 days.",
    remedy: "Read the ids from GET /api/v1/webhook-deliveries.",
  }),
  WEBHOOK_LIMIT_REACHED: defineError({
    trpcCode: "CONFLICT",
    title: "Too many webhooks",
    details: z.object({ limit: z.int() }),
    message: ({ limit }) => `You have ${limit} webhooks, as many as your plan allows. Delete one first.`,
    cause: "The account has as many webhooks as its plan allows.",
    remedy: "Delete one first, or send one URL more topics.",
    exampleDetails: { limit: 3 },
  }),
  WEBHOOK_URL_REFUSED: defineError({
    trpcCode: "UNPROCESSABLE_CONTENT",
    title: "Webhook URL refused",
    details: z.object({ reason: z.enum(["scheme", "port", "address"]) }),
    message: ({ reason }) => `Nothing is sent to this URL: ${refusals[reason] ?? reason}.`,
    cause:
      "The service sends to public addresses only, by https, at the ports 443 and 8443; details.reason says what is wrong. What a name leads to is looked at with each delivery.",
    remedy:
      "Use an https URL of a host that the internet can reach. For development, operators can set WEBHOOK_TARGETS=any.",
    exampleDetails: { reason: "address" },
  }),
  WEBHOOK_NOT_ACTIVE: defineError({
    trpcCode: "CONFLICT",
    title: "Webhook not active",
    details: z.undefined(),
    message: () => "The webhook is paused or disabled. Resume it first.",
    cause: "Nothing is sent to a webhook while it is paused or disabled.",
    remedy: "Resume it at POST /api/v1/webhooks/{webhook_id}/resume.",
  }),
} as const;
