/** What the fuzzer looks for. */
export type FailureKind =
  | "server_error"
  | "hang"
  | "broken_http"
  | "wrong_response"
  | "leaked_internals"
  | "broken_promise"
  | "error_log"
  | "server_ended"
  | "growing_memory";

/** The server has done what it must never do. */
export class FuzzFailure extends Error {
  override readonly name = "FuzzFailure";
  readonly kind: FailureKind;

  constructor(kind: FailureKind, message: string, options?: ErrorOptions) {
    super(`${kind}: ${message}`, options);
    this.kind = kind;
  }
}
