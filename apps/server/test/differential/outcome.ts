import { type ErrorCode, problemStatus } from "@obsqra/contract";
import type { WrittenResult } from "@obsqra/graphql/testing";
import type { ToolOutcome } from "@obsqra/mcp/testing";
import type { WireResponse } from "../wire/start-test-server.ts";

/** What a caller learns from a call, whichever way it went. */
export interface Outcome {
  readonly status: number;
  /** The output as JSON; undefined where there is none. */
  readonly output: string | undefined;
  readonly error: OutcomeError | undefined;
  /** Those that mean something to callers of both protocols; undefined where there is no protocol. */
  readonly headers: Readonly<Record<string, string | null>> | undefined;
}

interface OutcomeError {
  readonly code: string;
  readonly message: string;
  readonly details: unknown;
  /** Undefined where it is not told. */
  readonly request_id: string | undefined;
}

/** Headers that have to be the same on both protocols. */
const comparedHeaders = [
  "cache-control",
  "deprecation",
  "idempotent-replayed",
  "ratelimit",
  "ratelimit-policy",
  "retry-after",
  "sunset",
  "www-authenticate",
  "x-request-id",
];

/** An error response of REST, and of tRPC where a request is refused before it gets to a procedure. */
interface ProblemBody {
  readonly code: string;
  readonly detail: string;
  readonly details?: unknown;
  readonly request_id: string;
}

interface TrpcBody {
  readonly result?: { readonly data?: unknown };
  readonly error?: {
    readonly message: string;
    readonly data: { readonly app_code: string; readonly details?: unknown; readonly request_id: string };
  };
}

/** Reads a response of REST. */
export function readRestOutcome(response: WireResponse): Outcome {
  const body: unknown = response.body === "" ? undefined : JSON.parse(response.body);
  if (response.status >= 400) return failed(response, readProblem(body as ProblemBody));
  return succeeded(response, body);
}

/** Reads a response of tRPC, also the one of a batch of one call. */
export function readTrpcOutcome(response: WireResponse): Outcome {
  const parsed: unknown = JSON.parse(response.body);
  const body: unknown = Array.isArray(parsed) ? parsed[0] : parsed;
  const { result, error } = body as TrpcBody;
  if (response.status < 400) return succeeded(response, result?.data);
  if (error === undefined) throw new Error(`Not a response of tRPC: ${response.body}`);
  const { message, data } = error;
  const { app_code: code, details, request_id } = data;
  return failed(response, withoutIndex({ code, message, details, request_id }));
}

/** Reads a response of GraphQL, as the operation that was sent tells what it says. An error has the status that it has elsewhere. */
export function readGraphqlOutcome(response: WireResponse, { output, problem }: WrittenResult): Outcome {
  if (problem === undefined) return succeeded(response, output);
  const { code, detail: message, details, request_id } = problem;
  const status = problemStatus(code as ErrorCode);
  return failed({ ...response, status }, { code, message, details, request_id });
}

/** Reads an answer to a call of a tool. It tells no id of a request in an error, and says who may ask in headers of its own. */
export function readMcpOutcome({ status, body }: WireResponse, told: ToolOutcome): Outcome {
  const { output, problem, error } = told;
  if (error !== undefined) throw new Error(`A call of a tool was refused: ${body}`);
  if (problem === undefined) {
    return { status, output: JSON.stringify(output), error: undefined, headers: undefined };
  }
  const { code, detail: message, details } = problem;
  const failure = { code, message, details, request_id: undefined };
  return { status: problemStatus(code), output: undefined, error: failure, headers: undefined };
}

/** Of JSON that is refused as a whole, a batch's names begin with the number of the call; here there is one. */
function withoutIndex(error: OutcomeError): OutcomeError {
  if (error.code !== "JSON_AMBIGUOUS") return error;
  const { issues } = error.details as { issues: { path: string; message: string }[] };
  const details = { issues: issues.map((issue) => ({ ...issue, path: issue.path.replace(/^0(\.|$)/, "") })) };
  return { ...error, message: error.message.replace(": 0.", ": ").replace(": 0:", ": the whole:"), details };
}

function readProblem({ code, detail: message, details, request_id }: ProblemBody): OutcomeError {
  return { code, message, details, request_id };
}

function succeeded({ status, headers }: WireResponse, output: unknown): Outcome {
  return { status, output: JSON.stringify(output), error: undefined, headers: pickHeaders(headers) };
}

function failed({ status, headers }: WireResponse, error: OutcomeError): Outcome {
  return { status, output: undefined, error, headers: pickHeaders(headers) };
}

function pickHeaders(headers: Headers): Record<string, string | null> {
  return Object.fromEntries(comparedHeaders.map((name) => [name, headers.get(name)]));
}
