import { isDeepStrictEqual } from "node:util";
import { TRPCError } from "@trpc/server";
import type { z } from "zod";

/** What is done with the output of a query before it is sent; gives what is sent. */
export type CheckOutput = (schema: z.ZodType, output: unknown) => unknown;

/**
 * Lets pass what the contract promises and nothing else: a field too many is refused, too, instead of being left out. Whatever passes
 * here in tests may be sent by `trustOutput`.
 *
 * @throws TRPCError INTERNAL_SERVER_ERROR
 */
export const requireExactOutput: CheckOutput = (schema, output) => {
  const { success, data, error } = schema.safeParse(output);
  const isExact = success && isDeepStrictEqual(asJson(data), asJson(output));
  // Not what was made of it, so that a test reads the very bytes that production sends.
  if (isExact) return output;
  throw new TRPCError({
    code: "INTERNAL_SERVER_ERROR",
    message: success ? "The output has fields that the contract does not have" : "Output validation failed",
    cause: error,
  });
};

/** Sends what a service has made. For production: there, checking it again would take up to a tenth of a call. */
export const trustOutput: CheckOutput = (_schema, output) => output;

/** As a caller would read it. */
function asJson(value: unknown): unknown {
  return value === undefined ? undefined : JSON.parse(JSON.stringify(value));
}
