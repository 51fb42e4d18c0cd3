import { httpStatusByTrpcCode } from "./define-error.ts";
import { type ErrorCode, type ErrorDetails, errorCatalogue } from "./error-catalogue.ts";

/** Media type of every error response on REST (RFC 9457). */
export const problemMediaType = "application/problem+json";

/** An error as callers see it (RFC 9457), with the catalogue's code, details and the request's id. */
export interface Problem {
  /** Where this kind of error is described, relative to the server that sent it. */
  readonly type: string;
  readonly title: string;
  readonly status: number;
  /** What happened and what to do about it; for people. */
  readonly detail: string;
  /** For programs. */
  readonly code: ErrorCode;
  readonly request_id: string;
  readonly details?: unknown;
}

/** Path of the page that describes an error code. A full path, as RFC 9457, 3.1.1 asks of relative types. */
export function problemType(code: ErrorCode): string {
  return `/errors/${code}`;
}

/** `EMAIL_TAKEN` is described by `EmailTakenProblem`, wherever errors have types. */
export function problemName(code: ErrorCode): string {
  const words = code.toLowerCase().split("_");
  return `${words.map((word) => word.charAt(0).toUpperCase() + word.slice(1)).join("")}Problem`;
}

/** The HTTP status of an error code. */
export function problemStatus(code: ErrorCode): number {
  return httpStatusByTrpcCode[errorCatalogue[code].trpcCode];
}

/** A catalogued error that happened. */
export interface Occurrence {
  readonly code: ErrorCode;
  readonly message: string;
  readonly details: ErrorDetails<ErrorCode>;
}

/** The body of an error response. */
export function toProblem({ code, message, details }: Occurrence, requestId: string): Problem {
  return {
    type: problemType(code),
    title: errorCatalogue[code].title,
    status: problemStatus(code),
    detail: message,
    code,
    request_id: requestId,
    ...(details === undefined ? {} : { details }),
  };
}
