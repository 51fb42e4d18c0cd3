import { z } from "zod";
import { defineError } from "../errors/define-error.ts";

export const eventsErrors = {
  EVENT_ID_INVALID: defineError({
    trpcCode: "BAD_REQUEST",
    title: "Event id not valid",
    details: z.undefined(),
    message: () =>
      "Nothing can be followed from this event id. Read again what you show, and follow without an id.",
    cause:
      "The service has not given this id, or has since been restored from an older backup, or more than 10,000 events have happened since.",
    remedy: "Read again what you show, with the usual calls, and open the stream without an id.",
  }),
  ORIGIN_NOT_ALLOWED: defineError({
    trpcCode: "FORBIDDEN",
    title: "Origin not allowed",
    details: z.undefined(),
    message: () => "Pages of this origin may not do this here.",
    cause:
      "A browser opened a WebSocket, or sent a message of the Model Context Protocol, from a page whose origin is not among those that the service lets in.",
    remedy: "Have the operator add the origin of the page to `CORS_ORIGINS`.",
  }),
  TOO_MANY_STREAMS: defineError({
    trpcCode: "TOO_MANY_REQUESTS",
    title: "Too many streams",
    details: z.object({
      of: z.enum(["account", "address"]).describe("Whose streams they are"),
      streams_max: z.int(),
    }),
    message: ({ of, streams_max }) =>
      `Your ${of} has ${streams_max} streams open, as many as one may have. Close some, or share one.`,
    cause: "An account, or an address, has as many streams of events open at once as it may have.",
    remedy: "Share one stream among the tabs and parts of a program, and close those that nobody reads.",
    exampleDetails: { of: "account", streams_max: 20 },
  }),
  SUBSCRIPTIONS_ONLY: defineError({
    trpcCode: "METHOD_NOT_SUPPORTED",
    title: "Only subscriptions here",
    details: z.undefined(),
    message: () => "A WebSocket takes subscriptions only. Send queries and mutations over HTTP.",
    cause: "A query or a mutation was sent over a WebSocket.",
    remedy: "Send it to the same address over HTTP: tRPC's splitLink sends each kind of call its way.",
  }),
  STREAM_TOO_SLOW: defineError({
    trpcCode: "SERVICE_UNAVAILABLE",
    title: "Stream read too slowly",
    details: z.undefined(),
    message: () =>
      "Events come faster than you read them. Connect again with the id of the last event that you have, and nothing is lost.",
    cause: "A reader of a stream had 1,000 events waiting, so that the service stopped keeping them for it.",
    remedy:
      "Connect again with the id of the last event, and read without waiting for other work in between.",
  }),
} as const;
