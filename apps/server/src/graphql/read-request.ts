import { AppError } from "@obsqra/platform";
import { TRPCError } from "@trpc/server";
import { z } from "zod";

/** A request of GraphQL over HTTP. What else comes with it, such as the name of a client, is left out. */
const graphqlRequest = z.object({
  query: z.string().optional(),
  /** The hash of an operation that the server knows. */
  documentId: z.string().optional(),
  operationName: z.string().nullish(),
  variables: z.record(z.string(), z.unknown()).nullish(),
  /** Where Apollo's clients put the hash. */
  extensions: z.object({ persistedQuery: z.object({ sha256Hash: z.string() }).optional() }).nullish(),
});
export type GraphqlRequest = z.output<typeof graphqlRequest>;

/**
 * Reads a request.
 *
 * @throws AppError MALFORMED_REQUEST of a batch, of which each operation would be a request of its own; TRPCError with what is wrong
 */
export function readRequest(body: unknown): GraphqlRequest {
  if (Array.isArray(body)) throw new AppError("MALFORMED_REQUEST", undefined);
  const { success, data, error } = graphqlRequest.safeParse(body);
  if (!success) throw new TRPCError({ code: "BAD_REQUEST", cause: error });
  return data;
}
