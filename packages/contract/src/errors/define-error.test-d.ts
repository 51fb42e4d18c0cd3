import { z } from "zod";
import { defineError } from "./define-error.ts";

const described = {
  trpcCode: "CONFLICT",
  title: "Too many vaults",
  cause: "The user has as many vaults as an account may have.",
  remedy: "Close one first.",
} as const;

const limited = { ...described, details: z.object({ limit: z.int() }), message: () => "You have too many." };

defineError({ ...described, details: z.undefined(), message: () => "You have too many." });
defineError({ ...limited, exampleDetails: { limit: 20 } });

// @ts-expect-error an error with details shows an example of them
defineError(limited);
// @ts-expect-error the example is one of these details
defineError({ ...limited, exampleDetails: { limit: "20" } });
// @ts-expect-error there is nothing to show where there are no details
defineError({ ...limited, details: z.undefined(), exampleDetails: { limit: 20 } });

const { cause: _, ...unexplained } = { ...limited, exampleDetails: { limit: 20 } };
// @ts-expect-error every error says when it happens
defineError(unexplained);
