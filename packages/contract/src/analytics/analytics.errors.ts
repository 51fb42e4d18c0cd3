import { z } from "zod";
import { defineError } from "../errors/define-error.ts";

export const analyticsErrors = {
  PROTOCOL_UNKNOWN: defineError({
    trpcCode: "NOT_FOUND",
    title: "Unknown protocol",
    details: z.object({ protocols: z.array(z.string()), known: z.array(z.string()) }),
    message: ({ protocols, known }) =>
      `There is no protocol called ${protocols.join(", ")}. Known are: ${known.join(", ")}.`,
    cause: "A protocol in the request is none of those that the service knows.",
    remedy: "Take one of details.known. Names are in lower case.",
    exampleDetails: { protocols: ["zklender"], known: ["ekubo", "nostra", "vesu", "zklend"] },
  }),
  CURSOR_INVALID: defineError({
    trpcCode: "BAD_REQUEST",
    title: "Cursor not valid",
    details: z.undefined(),
    message: () => "The cursor is not one that this list gave. Start again without a cursor.",
    cause: "The cursor was not made by this list, or not with these filters, or was changed on the way.",
    remedy:
      "Pass next_cursor untouched, with the same filters and order as the page before. If it was stored, start again without it.",
  }),
} as const;
