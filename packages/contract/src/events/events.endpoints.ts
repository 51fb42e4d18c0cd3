import { defineEndpoint } from "../endpoints/endpoint.ts";
import { followEventsInput, liveEventSchema } from "./live-events.schema.ts";

export const eventsEndpoints = {
  follow: defineEndpoint({
    kind: "subscription",
    access: "events:read",
    weight: 5,
    rest: { method: "GET", path: "/events", status: 200 },
    summary: "Follow what happens, as it happens",
    description:
      "A stream of server-sent events that stays open. Each message has one event as JSON, and its id; whoever connects again with the last id, as after or in Last-Event-ID, gets every event since, once and in order. Besides the points for opening it, each event counts one point, however many streams of an account get it. Every 15 seconds without an event comes an empty message. A stream ends when its access token expires, with its session at once, and after an hour with an API key; connect again with a new token and the last id. A reader who falls 1,000 events behind is cut off with STREAM_TOO_SLOW, and goes on the same way. Ids are good for the last 10,000 events; before that, read again what you show and begin without one. An account has at most 20 streams at once, an address 100.",
    input: followEventsInput,
    output: liveEventSchema,
    errors: ["SESSION_REQUIRED", "EVENT_ID_INVALID", "TOO_MANY_STREAMS", "STREAM_TOO_SLOW"],
  }),
} as const;
