/**
 * Why there is no result. `invalid_request` is the caller's fault and names the field;
 * `solver_failure` is ours. A request whose limits cannot all hold is neither: that is an `infeasible` result.
 */
export type AllocationErrorCode = "invalid_request" | "solver_failure";

/**
 * Thrown by the allocation optimiser.
 *
 * @example
 * try { optimizer.optimize(request) } catch (error) {
 *   if (error instanceof AllocationError && error.code === "invalid_request") report(error.field);
 * }
 */
export class AllocationError extends Error {
  override readonly name = "AllocationError";
  readonly code: AllocationErrorCode;
  /** Path of the offending value, such as `candidates[2].risk_score`; undefined for solver failures. */
  readonly field: string | undefined;

  constructor(code: AllocationErrorCode, message: string, options: ErrorOptions & { field?: string } = {}) {
    super(message, options);
    this.code = code;
    this.field = options.field;
  }
}
