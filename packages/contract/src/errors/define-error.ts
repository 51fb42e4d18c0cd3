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

/** One entry of the error catalogue: what went wrong, for a program and for a person. Documentation is made from it. */
export interface ErrorDefinition<TDetails extends z.ZodType = z.ZodType> {
  readonly trpcCode: TrpcErrorCode;
  /** A few words, the same for every occurrence. */
  readonly title: string;
  /** Facts about this occurrence that a program can use. */
  readonly details: TDetails;
  /** What happened and what the caller can do about it. Never carries internals. */
  readonly message: (details: z.output<TDetails>) => string;
  /** When the error happens. */
  readonly cause: string;
  /** What the caller does about it. */
  readonly remedy: string;
  /** Details as they might come, for the documentation. Left out where the error has none. */
  readonly exampleDetails?: z.output<TDetails>;
}

/** Asks for an example of the details where there are details. */
type WithExample<TDetails extends z.ZodType> = TDetails extends z.ZodUndefined
  ? unknown
  : { readonly exampleDetails: z.output<TDetails> };

/** The remedy for every error that goes away by itself. */
export const retryLater =
  "Send the same request again after the seconds in Retry-After, with the same Idempotency-Key if it changes something.";

/** Declares a catalogue entry and ties its message and its example to its details. */
export function defineError<TDetails extends z.ZodType>(
  definition: ErrorDefinition<TDetails> & WithExample<TDetails>,
): ErrorDefinition<TDetails> {
  return definition;
}
