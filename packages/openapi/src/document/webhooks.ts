import { type EventTopic, eventTypesByTopic, followedEvents, webhookTestMessage } from "@obsqra/contract";
import { type JsonSchema, readSchema } from "@obsqra/contract/schemas";
import { type DocumentPart, toDocumentSchema } from "./components.ts";

/** What each kind of message is about; `test` is what `webhooks.test` sends. */
const summaries: { readonly [name in EventTopic | "test"]: string } = {
  forecasts: "Forecasts were published, or a model went live",
  market: "Market history was imported, or the status of a protocol was set",
  suggestions: "A suggestion was made for you",
  transactions: "A transaction of yours was logged, or its status has changed",
  security: "Something about the security of your account has changed",
  test: "You asked for a test",
};

const description =
  "Sent to the URL of each webhook that has the topic, signed as Standard Webhooks say. It comes at least once, and in order for each subject. New types may be added: take what you do not know with 2xx, and leave it.";

/** The headers of a message, by Standard Webhooks 1.0. */
const headers = [
  {
    name: "webhook-id",
    description: "Of the message, the same however often it comes: keep those that you have handled.",
    example: "01a22c31-7194-7000-8000-02b0142407aa",
  },
  {
    name: "webhook-timestamp",
    description: "When this attempt was made, in seconds since 1970.",
    example: "1796037767",
  },
  {
    name: "webhook-signature",
    description:
      "HMAC-SHA256 with the webhook's secret over id, timestamp and body, joined by full stops: v1, and base64. After a rotation there are two, with a space between.",
    example: "v1,W/zFFkzLW2nyopOxxX6aYBUuLzmaXdertxhzrwAxRNY=",
  },
].map((header) => ({ ...header, in: "header", required: true, schema: { type: "string" } }));

/**
 * The messages that webhooks are sent, by topic, and that of a test. Adds their schemas to `named`.
 */
export function buildWebhooks(named: Map<string, JsonSchema>): Record<string, DocumentPart> {
  const ofTopics = Object.entries(eventTypesByTopic).map(([topic, types]) => {
    const schemas = followedEvents.filter(({ shape }) => types.some((type) => type === shape.type.value));
    return [topic as EventTopic, schemas] as const;
  });
  const messages = [...ofTopics, ["test", [webhookTestMessage]] as const];
  return Object.fromEntries(
    messages.map(([name, schemas]) => [name, { post: buildMessage(name, schemas, named) }]),
  );
}

type MessageSchema = (typeof followedEvents)[number] | typeof webhookTestMessage;

function buildMessage(
  name: EventTopic | "test",
  schemas: readonly MessageSchema[],
  named: Map<string, JsonSchema>,
): DocumentPart {
  const shown = schemas.map((schema) => {
    // As the contract gives them to each.
    const { examples } = schema.meta() as { readonly examples: readonly unknown[] };
    const [value] = examples;
    const reference = toDocumentSchema(readSchema(schema, "output", named) ?? {});
    return { type: schema.shape.type.value, reference, value };
  });
  const references = shown.map(({ reference }) => reference);
  return {
    operationId: `webhook_${name}`,
    tags: ["webhooks"],
    summary: summaries[name],
    description,
    security: [],
    parameters: headers,
    requestBody: {
      required: true,
      content: {
        "application/json": {
          schema: references.length === 1 ? references[0] : { oneOf: references },
          examples: Object.fromEntries(shown.map(({ type, value }) => [type, { value }])),
        },
      },
    },
    responses: {
      "2XX": { description: "Taken, within five seconds. Whatever else is said, it comes again." },
      410: { description: "There is no receiver any more: the webhook is disabled at once." },
    },
  };
}
