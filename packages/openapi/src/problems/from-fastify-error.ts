import { AppError, toAppError } from "@obsqra/platform";

/** Finds the catalogued error behind whatever reached Fastify's error handler. */
export function fromFastifyError(error: unknown): AppError {
  if (!isFastifyError(error)) return toAppError(error);
  const options = { cause: error };
  switch (error.code) {
    case "FST_ERR_CTP_INVALID_JSON_BODY":
    case "FST_ERR_CTP_EMPTY_JSON_BODY":
      return new AppError("MALFORMED_JSON", undefined, options);
    case "FST_ERR_CTP_BODY_TOO_LARGE":
      return new AppError("PAYLOAD_TOO_LARGE", undefined, options);
    case "FST_ERR_CTP_INVALID_MEDIA_TYPE":
      return new AppError("UNSUPPORTED_MEDIA_TYPE", undefined, options);
    default:
      return error.statusCode < 500
        ? new AppError("MALFORMED_REQUEST", undefined, options)
        : new AppError("INTERNAL_ERROR", undefined, options);
  }
}

interface FastifyHttpError extends Error {
  readonly code: string | undefined;
  readonly statusCode: number;
}

/** Errors with a status are Fastify's, its plugins' or Node's: the API's own have none. */
function isFastifyError(error: unknown): error is FastifyHttpError {
  return error instanceof Error && "statusCode" in error && typeof error.statusCode === "number";
}
