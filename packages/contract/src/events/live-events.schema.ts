import { z } from "zod";
import { timestamp } from "../common/common.schema.ts";
import { eventExamples } from "./event-examples.ts";
import { type EventType, eventCatalogue } from "./events.schema.ts";

/** What a stream of events may be about. */
export const eventTopic = z
  .enum(["forecasts", "market", "suggestions", "transactions", "security"])
  .describe(
    "forecasts: new ones, and models that went live; market: new history, and protocols whose status was set; suggestions, transactions: your own; security: sessions of yours that ended, API keys that were made or revoked, passwords that were set, and wallets that were linked, for signed-in users only",
  )
  .meta({ id: "EventTopic" });
export type EventTopic = z.output<typeof eventTopic>;

/** The types of events that each topic has. What is in none is not shown to callers. */
export const eventTypesByTopic = {
  forecasts: ["forecasts.published", "model.promoted"],
  market: ["market_data.imported", "protocol.status_set"],
  suggestions: ["suggestion.made"],
  transactions: ["transaction.logged", "transaction.status_changed"],
  security: [
    "session.ended",
    "api_key.created",
    "api_key.revoked",
    "password.changed",
    "password.reset",
    "wallet.linked",
  ],
} as const satisfies Readonly<Record<EventTopic, readonly EventType[]>>;

/** Where an event stands among all others, as callers see it: two 64-bit integers in decimal. */
export const eventPositionText = z
  .string()
  .regex(/^[0-9]{1,18}-[0-9]{1,18}$/, "pass the id of an event as it came")
  .describe("Id of an event, as a stream gave it");

export const followEventsInput = z
  .object({
    topics: z
      .array(eventTopic)
      .min(1)
      .max(eventTopic.options.length)
      .optional()
      .describe("What to be told of; by default everything that the caller may follow"),
    after: eventPositionText
      .optional()
      .describe("Goes on after the event with this id; left out, it begins with what happens from now on"),
    lastEventId: eventPositionText
      .optional()
      .describe("The same, as tRPC's link sends it when it connects again; it wins over after"),
  })
  .meta({ id: "FollowEventsInput" })
  .prefault({});
export type FollowEventsInput = z.output<typeof followEventsInput>;

/** What every event has besides its type. */
const fields = {
  id: eventPositionText.describe("Where it stands among all events: send it back to go on after it"),
  occurred_at: timestamp,
};

const exampleFields = { id: "806-7", occurred_at: "2026-11-30T11:22:47.485Z" };

/** The first message of a stream that begins now: whatever happens after it is told. */
const streamOpened = z
  .object({ type: z.literal("stream.opened"), ...fields })
  .describe(
    "First of a stream that begins now. What happens after it is told: read what you show once it is there",
  )
  .meta({ id: "StreamOpenedEvent" });

/** Moves the id on where no message can have one without an event. */
const streamPosition = z
  .object({ type: z.literal("stream.position"), ...fields })
  .describe(
    "Over a WebSocket only: nothing that you follow has happened, and the id is that of now. Nothing has to be done about it",
  )
  .meta({ id: "StreamPositionEvent" });

function liveEvent<const TType extends FollowedType>(type: TType) {
  const { subject, payload } = eventCatalogue[type];
  const words = type.split(/[._]/).map((word) => word.charAt(0).toUpperCase() + word.slice(1));
  return z
    .object({
      type: z.literal(type),
      ...fields,
      subject: z.string().describe(`What it happened to: ${subject}`),
      // The catalogue's type, which the lookup by a type parameter loses.
      payload: payload as (typeof eventCatalogue)[TType]["payload"],
    })
    .meta({ id: `${words.join("")}Event`, examples: [{ type, ...exampleFields, ...eventExamples[type] }] });
}

type FollowedType = (typeof eventTypesByTopic)[EventTopic][number];

/** An event of each type that is shown to callers, in the order of the topics. */
export const followedEvents = [
  liveEvent("forecasts.published"),
  liveEvent("model.promoted"),
  liveEvent("market_data.imported"),
  liveEvent("protocol.status_set"),
  liveEvent("suggestion.made"),
  liveEvent("transaction.logged"),
  liveEvent("transaction.status_changed"),
  liveEvent("session.ended"),
  liveEvent("api_key.created"),
  liveEvent("api_key.revoked"),
  liveEvent("password.changed"),
  liveEvent("password.reset"),
  liveEvent("wallet.linked"),
] as const;

/** What a stream of events sends. */
export const liveEventSchema = z
  .discriminatedUnion("type", [streamOpened, streamPosition, ...followedEvents])
  .meta({ id: "LiveEvent" });
export type LiveEvent = z.output<typeof liveEventSchema>;
