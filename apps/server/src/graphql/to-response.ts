import { type Problem, problemStatus, toProblem } from "@obsqra/contract";
import { toAppError } from "@obsqra/platform";
import type { FastifyRequest } from "fastify";

type Extensions = Readonly<Record<string, unknown>>;

/** An error of a result, as the library tells it. */
interface ResultError {
  readonly message?: string;
  readonly path?: readonly (string | number)[] | undefined;
  readonly extensions?: Extensions;
  readonly cause?: unknown;
}

/** What came of an operation, as the library tells it. */
export interface GraphqlResult {
  readonly data?: unknown;
  readonly errors?: readonly ResultError[] | undefined;
}

/** A response of GraphQL over HTTP. */
export interface GraphqlResponse {
  readonly status: number;
  readonly body: object;
  /** The first error, for the headers that go with it. */
  readonly error: Omit<Problem, "detail"> | undefined;
}

/**
 * The response to an operation. Errors have the code, details and request id that they have over REST; of what is not in the catalogue,
 * nothing is told.
 */
export function toResponse({ data, errors }: GraphqlResult, request: FastifyRequest): GraphqlResponse {
  const told = errors?.map((error) => tell(error, request));
  const [first] = told ?? [];
  return {
    // With data, even with some that is null, a response is a success (GraphQL over HTTP).
    status: data === undefined && first !== undefined ? problemStatus(first.extensions.code) : 200,
    body: { ...(told && { errors: told }), ...(data !== undefined && { data }) },
    error: first?.extensions,
  };
}

/** The same for what was thrown before there was a result. */
export function toErrorResponse(error: unknown, request: FastifyRequest): GraphqlResponse {
  return toResponse({ errors: [{ cause: error }] }, request);
}

function tell({ message, path, extensions, cause }: ResultError, request: FastifyRequest) {
  if (isProblem(extensions)) return { message, ...(path && { path }), extensions };
  const { detail, ...problem } = problemOf(cause ?? message, request);
  return { message: detail, ...(path && { path }), extensions: problem };
}

function problemOf(thrown: unknown, request: FastifyRequest): Problem {
  const error = toAppError(thrown);
  if (error.code === "INTERNAL_ERROR") request.log.error({ err: thrown }, error.message);
  return toProblem(error, error.requestId ?? request.id);
}

/** Of what a call has ended with; what happened is the message. */
function isProblem(
  extensions: ResultError["extensions"],
): extensions is Omit<Problem, "detail"> & Extensions {
  return typeof extensions?.code === "string";
}
