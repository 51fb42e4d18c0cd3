import { z } from "zod";
import { timestamp } from "../common/common.schema.ts";
import { liveEventSchema } from "../events/live-events.schema.ts";

/** What `webhooks.test` sends. */
export const webhookTestMessage = z
  .object({
    type: z.literal("webhook.test"),
    id: z.uuid().describe("That of the delivery"),
    occurred_at: timestamp,
    subject: z.uuid().describe("What it happened to: a webhook id"),
    payload: z.strictObject({}),
  })
  .meta({ id: "WebhookTestMessage" });

/** The body of a message to a webhook: an event as a stream gives it, or a test. */
export const webhookMessageSchema = z.discriminatedUnion("type", [
  ...liveEventSchema.options,
  webhookTestMessage,
]);
export type WebhookMessage = z.output<typeof webhookMessageSchema>;
