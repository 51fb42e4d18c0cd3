import type { TRPCClientError } from "@trpc/client";
import { ObsqraError } from "./obsqra-error.ts";
import type { AppRouter, ErrorCode, ErrorDetailsByCode, ErrorShape } from "./router.ts";

/** What the service sends when it refuses a request before tRPC sees it (RFC 9457). */
interface Problem {
  readonly code: ErrorCode;
  readonly detail: string;
  readonly status: number;
  readonly request_id: string;
  readonly details?: ErrorDetailsByCode[ErrorCode];
}

/** The error of a call as callers get it. What happened outside of the service and the connection stays as it is. */
export function toObsqraError(error: TRPCClientError<AppRouter>): TRPCClientError<AppRouter> {
  if (error instanceof ObsqraError) return error;
  if (error.shape?.data?.app_code !== undefined) return fromShape(error.shape);
  const json = error.meta?.responseJSON;
  if (isProblem(json)) return fromProblem(json);
  const response = error.meta?.response;
  return response instanceof Response ? unreadable(response, error) : error;
}

/** The error for a response that is not the service's. */
export function unreadable({ status }: Response, cause?: Error): ObsqraError<"RESPONSE_UNREADABLE"> {
  const message = `The response (HTTP ${status}) is not one of the Obsqra API. Check the client's url and any proxy.`;
  return new ObsqraError("RESPONSE_UNREADABLE", { status }, { message, status, cause });
}

function fromShape(shape: ErrorShape): ObsqraError {
  const { app_code, details, httpStatus, request_id } = shape.data;
  return new ObsqraError(app_code, details, {
    message: shape.message,
    status: httpStatus,
    request_id,
    shape,
  });
}

function fromProblem({ code, detail, details, status, request_id }: Problem): ObsqraError {
  return new ObsqraError(code, details, { message: detail, status, request_id });
}

function isProblem(json: unknown): json is Problem {
  return (
    typeof json === "object" && json !== null && "code" in json && "detail" in json && "request_id" in json
  );
}
