import { z } from "zod";
import { filterMoment, nextCursor, timePageFields, timestamp } from "../common/common.schema.ts";
import { objectReference } from "../endpoints/object-reference.ts";
import { eventTopic } from "../events/live-events.schema.ts";
import { whole } from "../figures/figures.ts";
import type { Plan } from "../users/plan.ts";

/** How many webhooks an account may have, by plan. */
export const webhooksMax: Readonly<Record<Plan, number>> = { free: 3, pro: 20 };

/** How long both secrets sign after a rotation. */
export const secretOverlapHours = 24;

/** Of the body of a receiver's response, so many bytes are kept, as text in UTF-8. */
export const responseExcerptMax = 256;

/** Where a webhook sends to; which addresses and ports are allowed is for the service to say. */
const webhookUrl = z
  .string()
  .max(2_048)
  .regex(
    // With an empty alternative in place of a question mark: validators take one repetition in another for dangerous.
    /^[Hh][Tt][Tt][Pp]([Ss]|):\/\/[A-Za-z0-9.:[\]_-]{1,255}([/?][!-"$-~]*|)$/,
    "use an https URL in ASCII, without a user, a password or a fragment",
  )
  .refine(
    (text) => URL.canParse(text) && isHostName(new URL(text).hostname),
    "use a URL such as https://example.org/obsqra",
  )
  .describe("Where events are sent: https, port 443 or 8443, at an address that is public")
  .meta({ examples: ["https://example.org/obsqra", "https://hooks.example.org:8443/a?b=c"] });

/** Whether DNS can hold a name: labels of 1 to 63 characters, 253 together, and a point at the end or none (RFC 1035, 2.3.4). */
function isHostName(hostname: string): boolean {
  if (hostname.startsWith("[")) return true;
  const labels = hostname.replace(/\.$/, "").split(".");
  return labels.join(".").length <= 253 && labels.every(({ length }) => length >= 1 && length <= 63);
}

const webhookTopics = z
  .array(eventTopic)
  .min(1)
  .max(eventTopic.options.length)
  .describe("What to be told of; security takes a signed-in user");

export const webhookStatus = z
  .enum(["active", "paused", "disabled"])
  .describe(
    "active: events are sent; paused: by its owner; disabled: by the service, as disabled_reason says. While it is not active, nothing new is queued, and what is queued waits",
  )
  .meta({ id: "WebhookStatus" });
export type WebhookStatus = z.output<typeof webhookStatus>;

const webhookFields = {
  id: z.uuid(),
  url: z.string(),
  topics: z.array(eventTopic),
  status: webhookStatus,
  disabled_reason: z
    .enum(["failing", "gone"])
    .nullable()
    .describe(
      "failing: all attempts of a delivery have failed over a day, and no other came through meanwhile; gone: the receiver said 410",
    ),
  created_at: timestamp,
  updated_at: timestamp,
  last_success_at: timestamp.nullable().describe("When the receiver last took an event"),
  failing_since: timestamp
    .nullable()
    .describe("The first of the failed attempts since then; null while all is well"),
  previous_secret_expires_at: timestamp
    .nullable()
    .describe("Until then messages are signed with the secret from before the rotation, too"),
};

export const webhook = z.object(webhookFields).meta({ id: "Webhook" });
export type Webhook = z.output<typeof webhook>;

export const newWebhook = z
  .object({
    ...webhookFields,
    secret: z.string().describe("Signs the messages: whsec_ and base64. It is shown this once"),
  })
  .meta({ id: "NewWebhook" });
export type NewWebhook = z.output<typeof newWebhook>;

export const createWebhookInput = z.object({ url: webhookUrl, topics: webhookTopics }).meta({
  id: "CreateWebhookInput",
  examples: [{ url: "https://example.org/obsqra", topics: ["suggestions", "transactions"] }],
});
export type CreateWebhookInput = z.output<typeof createWebhookInput>;

const webhookId = objectReference("webhook", z.uuid());

export const webhookInput = z.object({ webhook_id: webhookId }).meta({ id: "WebhookInput" });
export type WebhookInput = z.output<typeof webhookInput>;

export const updateWebhookInput = z
  .object({ webhook_id: webhookId, url: webhookUrl.optional(), topics: webhookTopics.optional() })
  .meta({ id: "UpdateWebhookInput" });
export type UpdateWebhookInput = z.output<typeof updateWebhookInput>;

export const listWebhooksInput = z.object(timePageFields).meta({ id: "ListWebhooksInput" }).prefault({});
export type ListWebhooksInput = z.output<typeof listWebhooksInput>;

export const webhooks = z
  .object({ items: z.array(webhook), next_cursor: nextCursor })
  .meta({ id: "Webhooks" });
export type Webhooks = z.output<typeof webhooks>;

export const deliveryStatus = z
  .enum(["pending", "delivered", "dead"])
  .describe("dead: all attempts have failed; it is sent again only when it is replayed")
  .meta({ id: "WebhookDeliveryStatus" });

export const webhookDelivery = z
  .object({
    id: z.uuid().describe("The webhook-id of all its attempts: tell repeated ones by it"),
    webhook_id: z.uuid(),
    event_type: z.string(),
    event_id: z.string().nullable().describe("The event's id, as a stream gives it; null for a test"),
    subject: z.string().describe("What it happened to; of the same subject one comes after the other"),
    status: deliveryStatus,
    attempts: whole("attempts").min(0).describe("Since it was queued, or replayed last"),
    created_at: timestamp,
    next_attempt_at: timestamp.nullable(),
    ended_at: timestamp.nullable(),
  })
  .meta({ id: "WebhookDelivery" });
export type WebhookDelivery = z.output<typeof webhookDelivery>;

export const listDeliveriesInput = z
  .object({ webhook_id: webhookId.optional(), status: deliveryStatus.optional(), ...timePageFields })
  .meta({ id: "ListWebhookDeliveriesInput" })
  .prefault({});
export type ListDeliveriesInput = z.output<typeof listDeliveriesInput>;

export const webhookDeliveries = z
  .object({ items: z.array(webhookDelivery), next_cursor: nextCursor })
  .meta({ id: "WebhookDeliveries" });
export type WebhookDeliveries = z.output<typeof webhookDeliveries>;

/** Why there was no response to judge. */
export const attemptFailure = z
  .enum([
    "url_refused",
    "address_refused",
    "name_not_found",
    "connection_failed",
    "tls_failed",
    "timed_out",
    "secret_lost",
  ])
  .describe(
    "url_refused: scheme or port are not allowed; address_refused: the name leads to an address that is not public; timed_out: no response within 5 seconds; secret_lost: the service can no longer read the secret, so rotate it",
  )
  .meta({ id: "WebhookAttemptFailure" });
export type AttemptFailure = z.output<typeof attemptFailure>;

export const webhookAttempt = z
  .object({
    id: z.uuid(),
    delivery_id: z.uuid(),
    webhook_id: z.uuid(),
    started_at: timestamp,
    duration_ms: whole("milliseconds").min(0).describe("How long it took"),
    response_status: whole("HTTP status")
      .nullable()
      .describe("HTTP status; 200 to 299 is a success, redirects are none"),
    failure: attemptFailure.nullable().describe("Why there was no response"),
    response_excerpt: z
      .string()
      .nullable()
      .describe(`The beginning of the response's body, up to ${responseExcerptMax} bytes of text in UTF-8`),
  })
  .meta({ id: "WebhookAttempt" });
export type WebhookAttempt = z.output<typeof webhookAttempt>;

const deliveryId = objectReference("webhook_delivery", z.uuid());

export const listAttemptsInput = z
  .object({ delivery_id: deliveryId.optional(), ...timePageFields })
  .meta({ id: "ListWebhookAttemptsInput" })
  .prefault({});
export type ListAttemptsInput = z.output<typeof listAttemptsInput>;

export const webhookAttempts = z
  .object({ items: z.array(webhookAttempt), next_cursor: nextCursor })
  .meta({ id: "WebhookAttempts" });
export type WebhookAttempts = z.output<typeof webhookAttempts>;

export const replayDeliveryInput = z
  .object({ delivery_id: deliveryId })
  .meta({ id: "ReplayWebhookDeliveryInput" });
export type ReplayDeliveryInput = z.output<typeof replayDeliveryInput>;

export const replayEventsInput = z
  .object({
    webhook_id: webhookId,
    since: filterMoment.describe("Events from this moment on, of the last 30 days"),
  })
  .meta({ id: "ReplayWebhookEventsInput" });
export type ReplayEventsInput = z.output<typeof replayEventsInput>;

export const replayedEvents = z
  .object({
    queued: whole("messages")
      .min(0)
      .describe("How many are to be sent now, also those that were still to be sent"),
    continue_since: timestamp
      .nullable()
      .describe("Pass as since for the rest, where there were more events; otherwise null"),
  })
  .meta({ id: "ReplayedWebhookEvents" });
export type ReplayedEvents = z.output<typeof replayedEvents>;
