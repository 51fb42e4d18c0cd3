import { readToolAnswer, type ToolOutcome } from "@obsqra/mcp/testing";
import { z } from "zod";
import { findInternals } from "../../wire/internals.ts";
import { FuzzFailure } from "../fuzz-failure.ts";
import type { HttpResponse } from "../http/read-response.ts";
import { parseJson } from "./judge-error.ts";

/** JSON-RPC, and nothing beside it. */
const answer = z.union([
  z.strictObject({
    jsonrpc: z.literal("2.0"),
    id: z.union([z.string(), z.number(), z.null()]).optional(),
    error: z.strictObject({ code: z.int(), message: z.string().max(5_000), data: z.unknown().optional() }),
  }),
  z.strictObject({
    jsonrpc: z.literal("2.0"),
    id: z.union([z.string(), z.number()]),
    result: z.looseObject({}),
  }),
]);

/** JSON-RPC has one code for whatever has gone wrong within. */
const internalError = -32_603;

/** Whether somebody speaks the Model Context Protocol: as JSON, or as the one event of a stream. */
export function isOfMcp({ headers, body }: HttpResponse): boolean {
  return (
    /^(?:application\/json|text\/event-stream)/.test(headers.get("content-type") ?? "") &&
    body.includes('"jsonrpc"')
  );
}

/**
 * Judges an answer of the Model Context Protocol to whatever was sent.
 *
 * @throws FuzzFailure
 */
export function judgeMcpResponse(response: HttpResponse): ToolOutcome {
  const texts = response.body.startsWith("{")
    ? [response.body]
    : Array.from(response.body.matchAll(/^data: (.+)$/gm), ([, text = ""]) => text);
  const [told] = texts.map((text) => judgeAnswer(response, text)).slice(-1);
  if (told === undefined) throw new FuzzFailure("wrong_response", `this says nothing: ${response.body}`);
  return told;
}

function judgeAnswer({ status, body }: HttpResponse, text: string): ToolOutcome {
  // A stream may say that it is open before it says anything else.
  const isNotice = z.strictObject({
    jsonrpc: z.literal("2.0"),
    method: z.string(),
    params: z.looseObject({}),
  });
  const json = parseJson(text);
  if (isNotice.safeParse(json).success) return {};
  const parsed = answer.safeParse(json);
  if (!parsed.success) throw new FuzzFailure("wrong_response", `this is not of JSON-RPC: ${status} ${body}`);
  if ("result" in parsed.data && !Array.isArray(parsed.data.result.content)) return {};
  const { error, problem, output } = readToolAnswer(text);
  if (
    error?.code === internalError ||
    /^(?:INTERNAL_ERROR|DATABASE_UNAVAILABLE)$/.test(problem?.code ?? "")
  ) {
    throw new FuzzFailure("server_error", `the server responds with ${status} ${body}`);
  }
  const internals = findInternals(error?.message ?? "");
  if (internals !== undefined) throw new FuzzFailure("leaked_internals", `${internals} in ${body}`);
  return { ...(error && { error }), ...(problem && { problem }), output };
}

const oauthError = z.strictObject({ error: z.string().regex(/^[a-z_]+$/), error_description: z.string() });

/** Whether OAuth says what is wrong, in its own words (RFC 6749, 5.2). */
export function isOfOAuth({ status, headers, body }: HttpResponse): boolean {
  const isKept = headers.get("cache-control") !== "no-store";
  return !isKept && [400, 401, 413, 415].includes(status) && oauthError.safeParse(parseJson(body)).success;
}
