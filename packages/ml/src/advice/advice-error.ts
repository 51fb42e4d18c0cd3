/** Why there is no advice. `invalid_request` is the caller's fault and names the field; `solver_failure` is ours. */
export type AdviceErrorCode = "invalid_request" | "solver_failure";

/**
 * Thrown by the adviser.
 *
 * @example
 * try { adviser.advise(request) } catch (error) {
 *   if (error instanceof AdviceError && error.code === "invalid_request") report(error.field);
 * }
 */
export class AdviceError extends Error {
  override readonly name = "AdviceError";
  readonly code: AdviceErrorCode;
  /** Path of the offending value, such as `markets.nostra`; undefined for solver failures. */
  readonly field: string | undefined;

  constructor(code: AdviceErrorCode, message: string, options: ErrorOptions & { field?: string } = {}) {
    super(message, options);
    this.code = code;
    this.field = options.field;
  }
}
