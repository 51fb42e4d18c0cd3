import { readJsonText } from "@obsqra/openapi";
import { AppError } from "@obsqra/platform";
import type { FastifyRequest } from "fastify";

/** What the query of a request says to tRPC. */
export interface TrpcQuery {
  readonly isBatch: boolean;
  /** Of a GET or HEAD; undefined where there is none. */
  readonly input: unknown;
  /** Whether it has parameters of a connection, which only subscriptions use. */
  readonly hasConnection: boolean;
}

const noQuery: TrpcQuery = { isBatch: false, input: undefined, hasConnection: false };

/**
 * Reads the query under the same rules as bodies. Of several inputs, tRPC's own handler would take the first, and whatever
 * `JSON.parse` makes of it.
 *
 * @throws AppError MALFORMED_REQUEST, MALFORMED_JSON, JSON_AMBIGUOUS
 */
export function readQuery({ method, url }: FastifyRequest): TrpcQuery {
  const start = url.indexOf("?");
  if (start === -1) return noQuery;
  const query = new URLSearchParams(url.slice(start));
  const inputs = query.getAll("input");
  const batches = query.getAll("batch");
  if (inputs.length > 1 || batches.length > 1) throw new AppError("MALFORMED_REQUEST", undefined);
  const [input = ""] = inputs;
  return {
    isBatch: batches[0] === "1",
    input: method !== "POST" && input !== "" ? readJsonText(input) : undefined,
    hasConnection: query.has("connectionParams"),
  };
}
