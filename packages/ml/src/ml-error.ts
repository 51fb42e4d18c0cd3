/** What can go wrong while training, loading or forecasting; a closed union, so callers can `switch` on it. */
export type MlErrorCode =
  | "NOT_ENOUGH_HISTORY"
  | "INVALID_SERIES"
  | "INVALID_OPTIONS"
  | "CORRUPTED_ARTEFACT"
  | "UNSUPPORTED_ARTEFACT"
  | "ABORTED";

/**
 * The only error this package throws on purpose.
 *
 * @example
 * ```ts
 * try { trainModels(panel, options); } catch (error) {
 *   if (error instanceof MlError && error.code === "NOT_ENOUGH_HISTORY") return undefined;
 *   throw error;
 * }
 * ```
 */
export class MlError extends Error {
  readonly code: MlErrorCode;

  constructor(code: MlErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "MlError";
    this.code = code;
  }
}
