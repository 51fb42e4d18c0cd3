import { z } from "zod";
import { defineError } from "../define-error.ts";

export const analyticsErrors = {
  PROTOCOL_UNKNOWN: defineError({
    trpcCode: "NOT_FOUND",
    title: "Unknown protocol",
    details: z.object({ protocols: z.array(z.string()), known: z.array(z.string()) }),
    message: ({ protocols, known }) =>
      `There is no protocol called ${protocols.join(", ")}. Known are: ${known.join(", ")}.`,
  }),
  CURSOR_INVALID: defineError({
    trpcCode: "BAD_REQUEST",
    title: "Cursor not valid",
    details: z.undefined(),
    message: () => "The cursor is not one that this list gave. Start again without a cursor.",
  }),
} as const;
