/** Every code a {@link StarknetError} can carry. Closed on purpose: callers `switch` on it. */
export type StarknetErrorCode =
  | "INVALID_ADDRESS"
  | "INVALID_FELT"
  | "INVALID_TRANSACTION_HASH"
  | "INVALID_CHAIN_ID"
  | "INVALID_SIGNATURE_FORMAT"
  | "INVALID_TYPED_DATA"
  | "INVALID_CHALLENGE"
  | "OUT_OF_DOMAIN"
  | "CHAIN_UNAVAILABLE";

/**
 * The one error class of this package. `code` says what is wrong, `message` says it in one sentence with the
 * facts, and neither repeats a secret: node URLs appear as their origin only.
 */
export class StarknetError extends Error {
  override readonly name: string = "StarknetError";
  readonly code: StarknetErrorCode;

  constructor(code: StarknetErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/** Why a node gave no usable response. */
export type ChainUnavailableReason =
  | "network"
  | "timeout"
  | "http_status"
  | "bad_response"
  | "rpc_error"
  | "wrong_chain";

/**
 * The node gave no usable response, so nothing is known about what was asked. Never treat it as
 * "signature invalid" or "account not deployed".
 *
 * `retryable` is true when the same request may succeed later (network, timeout, 429, 5xx, odd responses), and
 * false when an operator has to act: the node serves another network, or refuses our credentials.
 */
export class ChainUnavailableError extends StarknetError {
  override readonly name = "ChainUnavailableError";
  readonly reason: ChainUnavailableReason;
  readonly retryable: boolean;

  constructor(
    reason: ChainUnavailableReason,
    message: string,
    options: ErrorOptions & { retryable: boolean },
  ) {
    super("CHAIN_UNAVAILABLE", message, options);
    this.reason = reason;
    this.retryable = options.retryable;
  }
}
