/**
 * Why a forest function refused its input. Closed set: callers may `switch` on it.
 *
 * - `EMPTY_DATA`: no rows, no columns, or no row with a positive weight.
 * - `SHAPE_MISMATCH`: lengths that must agree do not.
 * - `NOT_FINITE`: an infinite feature; a target or weight that is NaN, infinite or out of range.
 * - `BAD_OPTION`: an option outside its documented range.
 * - `BAD_MODEL`: bytes that are not a model of a supported format version.
 * - `ABORTED`: the signal given to a fit in a worker thread aborted; its reason is the error's `cause`.
 */
export type ForestErrorCode =
  | "EMPTY_DATA"
  | "SHAPE_MISMATCH"
  | "NOT_FINITE"
  | "BAD_OPTION"
  | "BAD_MODEL"
  | "ABORTED";

/** The only error that this package throws on purpose; `code` says what kind, `message` names the facts. */
export class ForestError extends Error {
  readonly code: ForestErrorCode;

  constructor(code: ForestErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "ForestError";
    this.code = code;
  }
}
