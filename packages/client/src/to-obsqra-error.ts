import { TRPCClientError } from "@trpc/client";
import { ObsqraError, type ObsqraErrorOptions } from "./obsqra-error.ts";
import type { AppRouter, ErrorCode, ErrorDetailsByCode, ErrorShape } from "./router.ts";

/** What the service sends when it refuses a request that it cannot read as one of tRPC (RFC 9457). */
interface Problem {
  readonly code: ErrorCode;
  readonly detail: string;
  readonly status: number;
  readonly request_id: string;
  readonly details?: ErrorDetailsByCode[ErrorCode];
}

/** The part of a response that errors tell of; `fetch` may be anybody's, and so its responses. */
interface ResponseHead {
  readonly status: number;
  readonly headers?: { get(name: string): string | null };
}

/** The error of a call as callers get it, of whatever was thrown. */
export function toObsqraError(thrown: unknown): ObsqraError {
  if (thrown instanceof ObsqraError) return thrown;
  if (!(thrown instanceof TRPCClientError)) return clientFailed(thrown);
  const error: TRPCClientError<AppRouter> = thrown;
  const response = error.meta?.response as ResponseHead | undefined;
  if (error.shape?.data?.app_code !== undefined) return fromShape(error.shape, response);
  const json = error.meta?.responseJSON;
  if (isProblem(json)) return fromProblem(json, response);
  return response === undefined ? clientFailed(error.cause ?? error) : unreadable(response, error);
}

/** The error for a response that is not the service's. */
export function unreadable(response: ResponseHead, cause?: Error): ObsqraError<"RESPONSE_UNREADABLE"> {
  const { status } = response;
  const message = `The response (HTTP ${status}) is not one of the Obsqra API. Check the client's url and any proxy.`;
  const retry_after = retryAfter(undefined, status, response);
  return new ObsqraError("RESPONSE_UNREADABLE", { status }, { message, status, retry_after, cause });
}

/** The error for whatever the application has given the client: its storage, headers, hooks, and inputs that JSON cannot hold. */
function clientFailed(thrown: unknown): ObsqraError<"CLIENT_FAILED"> {
  const cause = thrown instanceof Error ? thrown : new Error(String(thrown));
  const message = `The call failed on this side: ${cause.message}`;
  return new ObsqraError("CLIENT_FAILED", undefined, { message, cause });
}

function fromShape(shape: ErrorShape, response: ResponseHead | undefined): ObsqraError {
  const { app_code, details, httpStatus: status, request_id } = shape.data;
  const retry_after = retryAfter(details, status, response);
  return create(app_code, details, { message: shape.message, status, request_id, shape, retry_after });
}

function fromProblem(problem: Problem, response: ResponseHead | undefined): ObsqraError {
  const { code, detail: message, details, status, request_id } = problem;
  return create(code, details, {
    message,
    status,
    request_id,
    retry_after: retryAfter(details, status, response),
  });
}

function create(
  code: ErrorCode,
  details: ErrorDetailsByCode[ErrorCode],
  options: ObsqraErrorOptions,
): ObsqraError {
  return new ObsqraError(code, details, options);
}

/** Seconds. A batch has one header for all of its calls, which only those are about that may be tried again. */
function retryAfter(
  details: ErrorDetailsByCode[ErrorCode],
  status: number,
  response: ResponseHead | undefined,
): number | undefined {
  if (details !== undefined && "retry_after_seconds" in details) return details.retry_after_seconds;
  if (status !== 429 && status !== 503) return undefined;
  const seconds = Number(response?.headers?.get("retry-after") ?? Number.NaN);
  return Number.isFinite(seconds) && seconds >= 0 ? seconds : undefined;
}

function isProblem(json: unknown): json is Problem {
  return (
    typeof json === "object" && json !== null && "code" in json && "detail" in json && "request_id" in json
  );
}
