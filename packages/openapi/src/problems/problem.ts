import type { AppError } from "@obsqra/api";
import type { ErrorCode } from "@obsqra/contract";
import { errorCatalogue, httpStatusByTrpcCode } from "@obsqra/contract";

/** Media type of every error answer (RFC 9457). */
export const problemMediaType = "application/problem+json";

/** An error as REST callers see it (RFC 9457), with the catalogue's code, details and the request's id. */
export interface Problem {
  /** Where this kind of error is described. */
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

/** Path of the page that describes an error code. */
export function problemType(code: ErrorCode): string {
  return `/errors#${code}`;
}

/** The HTTP status that an error code answers with. */
export function problemStatus(code: ErrorCode): number {
  return httpStatusByTrpcCode[errorCatalogue[code].trpcCode];
}

/** The body of an error answer. */
export function toProblem(error: AppError, requestId: string): Problem {
  const { code, message, details } = error;
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
