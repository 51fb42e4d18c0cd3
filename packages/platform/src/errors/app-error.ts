import { type ErrorCode, type ErrorDetails, errorCatalogue } from "@obsqra/contract";

/**
 * An error of the catalogue, thrown by services. Its message is the catalogue's, so it may be shown to callers;
 * whatever led to it belongs into `cause`, which goes to the log only.
 */
export class AppError<TCode extends ErrorCode = ErrorCode> extends Error {
  override readonly name = "AppError";
  readonly code: TCode;
  readonly details: ErrorDetails<TCode>;
  /** The request that first ended with it, where this is a replay. @default the request that ends with it now */
  readonly requestId: string | undefined;

  constructor(code: TCode, details: ErrorDetails<TCode>, options?: ErrorOptions & { requestId?: string }) {
    // The compiler cannot follow that code and details belong to the same entry; the signature ensures it.
    const message = errorCatalogue[code].message as (details: ErrorDetails<TCode>) => string;
    super(message(details), options);
    this.code = code;
    this.details = details;
    this.requestId = options?.requestId;
  }
}
