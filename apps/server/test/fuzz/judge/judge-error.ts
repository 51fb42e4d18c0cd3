import {
  type ErrorCode,
  errorCatalogue,
  type NamedEndpoint,
  problemMediaType,
  problemStatus,
  problemType,
} from "@obsqra/contract";
import { z } from "zod";
import { findInternals } from "../../wire/internals.ts";
import { FuzzFailure } from "../fuzz-failure.ts";
import type { HttpResponse } from "../http/read-response.ts";
import { declaredCodes } from "./declared-codes.ts";

/** An error as either protocol states it. */
export interface StatedRefusal {
  readonly code: ErrorCode;
  readonly details: unknown;
}

/** RFC 9457, and nothing beside it. */
const problem = z.strictObject({
  type: z.string().min(1),
  title: z.string(),
  status: z.int(),
  detail: z.string(),
  code: z.string(),
  request_id: z.string(),
  details: z.unknown().optional(),
});

/** What tRPC makes of an error, and nothing beside it. */
const envelope = z.strictObject({
  message: z.string(),
  code: z.int(),
  data: z.strictObject({
    code: z.string(),
    httpStatus: z.int(),
    path: z.string().optional(),
    app_code: z.string(),
    type: z.string(),
    title: z.string(),
    status: z.int(),
    detail: z.string(),
    details: z.unknown().optional(),
    request_id: z.string(),
  }),
});

/** Node's own words for a request that it cannot read, each of which becomes MALFORMED_REQUEST. */
const unreadable = new Set([400, 408, 413, 414, 431]);

/**
 * Judges the body of an error response on REST, or of one that comes before tRPC.
 *
 * @throws FuzzFailure
 */
export function judgeProblem(response: HttpResponse, endpoint?: NamedEndpoint): StatedRefusal {
  const error = parse(problem, response.body);
  const mediaType = response.headers.get("content-type");
  if (mediaType !== `${problemMediaType}; charset=utf-8`)
    throw wrong(`a problem came as ${mediaType}`, response);
  if (error.status !== response.status) throw wrong(`the problem says ${error.status}`, response);
  return judgeError(response, error, endpoint);
}

/**
 * Judges one error of tRPC.
 *
 * @throws FuzzFailure
 */
export function judgeEnvelope(
  response: HttpResponse,
  error: unknown,
  endpoint?: NamedEndpoint,
): StatedRefusal {
  const { message, data } = parse(envelope, JSON.stringify(error));
  if (data.status !== data.httpStatus || data.detail !== message)
    throw wrong("an error contradicts itself", response);
  return judgeError(response, { ...data, code: data.app_code }, endpoint);
}

/** What GraphQL makes of an error beside the data, and nothing beside it. */
const graphqlError = z.strictObject({
  message: z.string(),
  path: z.array(z.union([z.string(), z.int()])).optional(),
  extensions: problem.omit({ detail: true }),
});

/**
 * Judges one error of GraphQL that stands beside the data.
 *
 * @throws FuzzFailure
 */
export function judgeGraphqlError(
  response: HttpResponse,
  error: unknown,
  endpoint?: NamedEndpoint,
): StatedRefusal {
  const { message, extensions } = parse(graphqlError, JSON.stringify(error));
  return judgeError(response, { ...extensions, detail: message }, endpoint);
}

/**
 * Judges an error that is a result of GraphQL.
 *
 * @throws FuzzFailure
 */
export function judgeGraphqlResult(
  response: HttpResponse,
  stated: unknown,
  endpoint: NamedEndpoint,
): StatedRefusal {
  const { code, ...others } = parse(problem.omit({ type: true, status: true }), JSON.stringify(stated));
  const known = readCode(response, code);
  const made = { ...others, code, type: problemType(known), status: problemStatus(known) };
  return judgeError(response, made, endpoint);
}

/**
 * Judges an error that a tool's result tells: code, details and sentence.
 *
 * @throws FuzzFailure
 */
export function judgeToolProblem(
  response: HttpResponse,
  stated: unknown,
  endpoint: NamedEndpoint,
): StatedRefusal {
  const { code, ...others } = parse(
    problem.pick({ code: true, detail: true, details: true }),
    JSON.stringify(stated),
  );
  const known = readCode(response, code);
  const { title } = errorCatalogue[known];
  const request_id = response.headers.get("x-request-id") ?? "";
  const made = { ...others, code, title, request_id, type: problemType(known), status: problemStatus(known) };
  return judgeError(response, made, endpoint);
}

type StatedError = z.output<typeof problem>;

function judgeError(response: HttpResponse, error: StatedError, endpoint?: NamedEndpoint): StatedRefusal {
  const code = readCode(response, error.code);
  const { details, title, message } = errorCatalogue[code];
  if (code === "INTERNAL_ERROR" || code === "DATABASE_UNAVAILABLE") {
    throw new FuzzFailure("server_error", `${endpoint?.path ?? "the server"} responds with ${response.body}`);
  }
  const expected = problemStatus(code);
  const isExpected =
    error.status === expected || (code === "MALFORMED_REQUEST" && unreadable.has(error.status));
  if (!isExpected) throw wrong(`${code} came with ${error.status} instead of ${expected}`, response);
  const parsed = details.safeParse(error.details);
  if (!parsed.success) throw wrong(`the details of ${code} are not as declared`, response);
  // The compiler cannot follow that code and details belong to the same entry; the schema has just ensured it.
  const sentence = (message as (details: unknown) => string)(parsed.data);
  if (error.detail !== sentence) throw wrong(`${code} says ${JSON.stringify(error.detail)}`, response);
  if (error.type !== problemType(code) || error.title !== title) throw wrong(`${code} is misnamed`, response);
  if (response.headers.get("x-request-id") !== error.request_id)
    throw wrong("the request ids differ", response);
  const internals = findInternals(wordsOfServer(parsed.data));
  if (internals !== undefined) throw new FuzzFailure("leaked_internals", `${internals} in ${response.body}`);
  if (endpoint !== undefined && !declaredCodes(endpoint).has(code)) {
    throw wrong(`${endpoint.path} does not declare ${code}`, response);
  }
  return { code, details: parsed.data };
}

/** The details, which say all that is not fixed in an error, without the names and keys that the caller has chosen. */
function wordsOfServer(details: unknown): string {
  const text = JSON.stringify(details, (name, value: unknown) => {
    if (name === "path" || name === "protocols") return undefined;
    return typeof value === "string" ? value.replaceAll(/".*"/gs, '""') : value;
  });
  return text ?? "";
}

function readCode(response: HttpResponse, code: string): ErrorCode {
  if (!Object.hasOwn(errorCatalogue, code)) throw wrong(`${code} is not in the catalogue`, response);
  return code as ErrorCode;
}

function parse<TSchema extends z.ZodType>(schema: TSchema, text: string): z.output<TSchema> {
  const parsed = schema.safeParse(parseJson(text));
  if (parsed.success) return parsed.data;
  throw new FuzzFailure("wrong_response", `the error ${text} is not as declared: ${parsed.error.message}`);
}

/**
 * Reads the JSON of a response.
 *
 * @throws FuzzFailure wrong_response
 */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new FuzzFailure("wrong_response", `the response is not JSON: ${text}`, { cause });
  }
}

function wrong(what: string, { status, body }: HttpResponse): FuzzFailure {
  return new FuzzFailure("wrong_response", `${what}: ${status} ${body}`);
}
