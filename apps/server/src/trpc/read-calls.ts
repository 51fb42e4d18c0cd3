import type { AnyTRPCProcedure } from "@trpc/server";
import type { FastifyRequest } from "fastify";
import type { TrpcQuery } from "./read-query.ts";

/** A call whose procedure is known and takes the request's method. */
export interface PlainCall {
  readonly path: string;
  readonly procedure: AnyTRPCProcedure;
  readonly input: unknown;
}

/** The calls of a request as nearly all requests are. */
export interface PlainCalls {
  readonly isBatch: boolean;
  readonly calls: readonly PlainCall[];
}

/**
 * Reads the calls of a request that is as tRPC's links send it: without a stream, of procedures that there are, each with the method
 * that it takes; queries may come with POST, too.
 *
 * @returns undefined for any other request, of which tRPC's own handler has to say what becomes of it
 */
export function readCalls(
  request: FastifyRequest,
  path: string,
  query: TrpcQuery,
  procedures: ReadonlyMap<string, AnyTRPCProcedure>,
): PlainCalls | undefined {
  if (!isPlain(request, path, query)) return undefined;
  const { isBatch } = query;
  const sent = request.method === "POST" ? request.body : query.input;
  const inputs = isBatch ? readInputs(sent) : [sent];
  if (inputs === undefined) return undefined;
  const names = isBatch ? path.split(",") : [path];
  const type = typeOfCalls(request, procedures.get(names[0] ?? ""));
  const calls: PlainCall[] = [];
  for (const [index, name] of names.entries()) {
    const procedure = procedures.get(name);
    if (procedure?._def.type !== type) return undefined;
    calls.push({ path: name, procedure, input: inputs[index] });
  }
  return { isBatch, calls };
}

function isPlain({ headers, raw }: FastifyRequest, path: string, query: TrpcQuery): boolean {
  const { host = "localhost", accept, "content-type": type = "application/json" } = headers;
  return (
    !query.hasConnection &&
    headers["trpc-accept"] === undefined &&
    (accept === undefined || !accept.includes("jsonl")) &&
    // What is not JSON has been refused, unless a GET comes with it.
    type.startsWith("application/json") &&
    // tRPC decodes the path once more.
    !path.includes("%") &&
    URL.canParse(raw.url ?? "", `http://${host}`)
  );
}

/**
 * What the calls of a request have to be, all of them. A link with `methodOverride: "POST"` sends queries, whose input may be too long
 * for a URL, in a body.
 */
function typeOfCalls({ method }: FastifyRequest, first: AnyTRPCProcedure | undefined): "query" | "mutation" {
  return method !== "POST" || first?._def.type === "query" ? "query" : "mutation";
}

/** A batch has an object with the inputs by the positions of their calls, or none. */
function readInputs(sent: unknown): Readonly<Record<number, unknown>> | undefined {
  if (sent === undefined) return {};
  const isObject = typeof sent === "object" && sent !== null && !Array.isArray(sent);
  // Whatever it has at a position is an unchecked input.
  return isObject ? (sent as Record<number, unknown>) : undefined;
}
