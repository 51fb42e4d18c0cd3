import { StarknetError } from "./errors.ts";

/**
 * The Stark field's prime, 2^251 + 17·2^192 + 1.
 * https://github.com/paulmillr/scure-starknet (STARK_CURVE.p)
 */
export const feltPrime = 2n ** 251n + 17n * 2n ** 192n + 1n;

/**
 * Reads a field element written as `0x` and 1 to 64 hex digits.
 *
 * @throws StarknetError `INVALID_FELT` when the text has another form or the value is not below the prime.
 * @example parseFelt("0x56414c4944") // 370462705988n
 */
export function parseFelt(text: string): bigint {
  if (!/^0x[0-9a-fA-F]{1,64}$/.test(text)) {
    throw new StarknetError("INVALID_FELT", "A felt must be 0x followed by 1 to 64 hex digits.");
  }
  const value = BigInt(text);
  if (value >= feltPrime) throw new StarknetError("INVALID_FELT", "A felt must be below the field's prime.");
  return value;
}

/**
 * One spelling per felt: `0x` and 64 lower-case hex digits, so that equal values are equal strings in a database.
 *
 * @throws StarknetError `INVALID_FELT`, as {@link parseFelt}.
 */
export function canonicalFelt(text: string): string {
  return toCanonicalHex(parseFelt(text));
}

/**
 * A transaction hash in its canonical spelling. It is a felt; zero is refused, because no transaction hashes to
 * zero and a zero here is a placeholder that somebody forgot to fill.
 *
 * @throws StarknetError `INVALID_TRANSACTION_HASH` with the reason.
 */
export function parseTransactionHash(text: string): string {
  let value: bigint;
  try {
    value = parseFelt(text);
  } catch (cause) {
    const reason = cause instanceof StarknetError ? cause.message : "It is not a felt.";
    throw new StarknetError("INVALID_TRANSACTION_HASH", `Not a transaction hash. ${reason}`, { cause });
  }
  if (value === 0n) throw new StarknetError("INVALID_TRANSACTION_HASH", "A transaction hash cannot be zero.");
  return toCanonicalHex(value);
}

/** `0x` and 64 lower-case digits: how we store felts. The value must already be in the field. */
export function toCanonicalHex(value: bigint): string {
  return `0x${value.toString(16).padStart(64, "0")}`;
}

/**
 * `0x` without leading zeros: the only spelling the JSON-RPC schema's FELT pattern allows in a request.
 * https://github.com/starkware-libs/starknet-specs/blob/master/api/starknet_api_openrpc.json
 */
export function toRpcFelt(value: bigint): string {
  return `0x${value.toString(16)}`;
}
