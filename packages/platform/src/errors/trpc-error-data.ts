import { errorCatalogue, problemStatus, problemType } from "@obsqra/contract";
import { TRPC_ERROR_CODES_BY_KEY } from "@trpc/server/rpc";
import type { AppError } from "./app-error.ts";

/** What an error in tRPC's envelope says besides tRPC's own fields: what a problem says on REST, where `code` is the catalogue's. */
export function trpcErrorData(error: AppError, requestId: string | undefined) {
  return {
    app_code: error.code,
    type: problemType(error.code),
    title: errorCatalogue[error.code].title,
    status: problemStatus(error.code),
    detail: error.message,
    details: error.details,
    request_id: error.requestId ?? requestId,
  };
}

/**
 * The response of tRPC to a request that is refused before any procedure is called. Links read it as the response to each call of a
 * batch.
 */
export function toTrpcRefusal(error: AppError, requestId: string) {
  const { trpcCode } = errorCatalogue[error.code];
  const data = { code: trpcCode, httpStatus: problemStatus(error.code), ...trpcErrorData(error, requestId) };
  return { error: { message: error.message, code: TRPC_ERROR_CODES_BY_KEY[trpcCode], data } };
}
