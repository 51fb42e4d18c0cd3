import { z } from "zod";
import { timestamp } from "../common/common.schema.ts";
import { followedEvents } from "../events/live-events.schema.ts";

/** What `webhooks.test` sends. */
export const webhookTestMessage = z
  .object({
    type: z.literal("webhook.test"),
    id: z.uuid().describe("That of the delivery"),
    occurred_at: timestamp,
    subject: z.uuid().describe("What it happened to: a webhook id"),
    payload: z.strictObject({}),
  })
  .meta({
    id: "WebhookTestMessage",
    examples: [
      {
        type: "webhook.test",
        id: "01a22c31-7194-7000-8000-02b0142407aa",
        occurred_at: "2026-11-30T11:22:47.485Z",
        subject: "01a22c31-7090-7000-8000-6f2d8c1b3a4e",
        payload: {},
      },
    ],
  });

/** The body of a message to a webhook: an event as a stream gives it, or a test. */
export const webhookMessageSchema = z.discriminatedUnion("type", [...followedEvents, webhookTestMessage]);
export type WebhookMessage = z.output<typeof webhookMessageSchema>;
