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
import type { HttpAnswer } from "../http/read-answer.ts";
import { declaredCodes } from "./declared-codes.ts";

/** An error as either protocol states it. */
export interface AnsweredError {
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

/** Node's own words for a request that it cannot read, each of which answers as MALFORMED_REQUEST. */
const unreadable = new Set([400, 408, 413, 414, 431]);

/**
 * Judges the body of an error answer on REST, or of one that comes before tRPC.
 *
 * @throws FuzzFailure
 */
export function judgeProblem(answer: HttpAnswer, endpoint?: NamedEndpoint): AnsweredError {
  const error = parse(problem, answer.body);
  const mediaType = answer.headers.get("content-type");
  if (mediaType !== `${problemMediaType}; charset=utf-8`)
    throw wrong(`a problem came as ${mediaType}`, answer);
  if (error.status !== answer.status) throw wrong(`the problem says ${error.status}`, answer);
  return judgeError(answer, error, endpoint);
}

/**
 * Judges one error of tRPC.
 *
 * @throws FuzzFailure
 */
export function judgeEnvelope(answer: HttpAnswer, error: unknown, endpoint?: NamedEndpoint): AnsweredError {
  const { message, data } = parse(envelope, JSON.stringify(error));
  if (data.status !== data.httpStatus || data.detail !== message)
    throw wrong("an error contradicts itself", answer);
  return judgeError(answer, { ...data, code: data.app_code }, endpoint);
}

type StatedError = z.output<typeof problem>;

function judgeError(answer: HttpAnswer, error: StatedError, endpoint?: NamedEndpoint): AnsweredError {
  const code = readCode(answer, error.code);
  const { details, title, message } = errorCatalogue[code];
  if (code === "INTERNAL_ERROR" || code === "DATABASE_UNAVAILABLE") {
    throw new FuzzFailure("server_error", `${endpoint?.path ?? "the server"} answers ${answer.body}`);
  }
  const expected = problemStatus(code);
  const isExpected =
    error.status === expected || (code === "MALFORMED_REQUEST" && unreadable.has(error.status));
  if (!isExpected) throw wrong(`${code} came with ${error.status} instead of ${expected}`, answer);
  const parsed = details.safeParse(error.details);
  if (!parsed.success) throw wrong(`the details of ${code} are not as declared`, answer);
  // The compiler cannot follow that code and details belong to the same entry; the schema has just ensured it.
  const sentence = (message as (details: unknown) => string)(parsed.data);
  if (error.detail !== sentence) throw wrong(`${code} says ${JSON.stringify(error.detail)}`, answer);
  if (error.type !== problemType(code) || error.title !== title) throw wrong(`${code} is misnamed`, answer);
  if (answer.headers.get("x-request-id") !== error.request_id) throw wrong("the request ids differ", answer);
  const internals = findInternals(wordsOfServer(parsed.data));
  if (internals !== undefined) throw new FuzzFailure("leaked_internals", `${internals} in ${answer.body}`);
  if (endpoint !== undefined && !declaredCodes(endpoint).has(code)) {
    throw wrong(`${endpoint.path} does not declare ${code}`, answer);
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

function readCode(answer: HttpAnswer, code: string): ErrorCode {
  if (!Object.hasOwn(errorCatalogue, code)) throw wrong(`${code} is not in the catalogue`, answer);
  return code as ErrorCode;
}

function parse<TSchema extends z.ZodType>(schema: TSchema, text: string): z.output<TSchema> {
  const parsed = schema.safeParse(parseJson(text));
  if (parsed.success) return parsed.data;
  throw new FuzzFailure("wrong_answer", `the error ${text} is not as declared: ${parsed.error.message}`);
}

/**
 * Reads the JSON of an answer.
 *
 * @throws FuzzFailure wrong_answer
 */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new FuzzFailure("wrong_answer", `the answer is no JSON: ${text}`, { cause });
  }
}

function wrong(what: string, { status, body }: HttpAnswer): FuzzFailure {
  return new FuzzFailure("wrong_answer", `${what}: ${status} ${body}`);
}
