import type { z } from "zod";

/** The tRPC error codes that the catalogue uses, and the HTTP status of each. */
export const httpStatusByTrpcCode = {
  PARSE_ERROR: 400,
  BAD_REQUEST: 400,
  UNAUTHORIZED: 401,
  FORBIDDEN: 403,
  NOT_FOUND: 404,
  METHOD_NOT_SUPPORTED: 405,
  CONFLICT: 409,
  PAYLOAD_TOO_LARGE: 413,
  UNSUPPORTED_MEDIA_TYPE: 415,
  UNPROCESSABLE_CONTENT: 422,
  TOO_MANY_REQUESTS: 429,
  INTERNAL_SERVER_ERROR: 500,
  SERVICE_UNAVAILABLE: 503,
} as const;

export type TrpcErrorCode = keyof typeof httpStatusByTrpcCode;

/** One entry of the error catalogue: what went wrong, for a program and for a person. */
export interface ErrorDefinition<TDetails extends z.ZodType = z.ZodType> {
  readonly trpcCode: TrpcErrorCode;
  /** A few words, the same for every occurrence. */
  readonly title: string;
  /** Facts about this occurrence that a program can use. */
  readonly details: TDetails;
  /** What happened and what the caller can do about it. Never carries internals. */
  readonly message: (details: z.output<TDetails>) => string;
}

/** Declares a catalogue entry and ties its message to its details. */
export function defineError<TDetails extends z.ZodType>(
  definition: ErrorDefinition<TDetails>,
): ErrorDefinition<TDetails> {
  return definition;
}
