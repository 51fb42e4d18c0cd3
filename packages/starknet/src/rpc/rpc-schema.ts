import { z } from "zod";
import { feltPrime } from "../felt.ts";

/**
 * The block a read is made against, as the JSON-RPC specification names them from 0.9 on: 0.9 replaced "pending" by
 * `pre_confirmed` and added `l1_accepted`. `latest` is the one tag that 0.8, 0.9 and 0.10 share.
 * https://github.com/starkware-libs/starknet-specs/blob/master/MIGRATION_0.8_TO_0.10.md
 */
export type BlockTag = "latest" | "pre_confirmed" | "l1_accepted";

/**
 * Error codes of the methods we call.
 * https://github.com/starkware-libs/starknet-specs/blob/master/api/starknet_api_openrpc.json (components/errors)
 */
export const rpcErrorCodes = {
  contractNotFound: 20,
  /** Since 0.8; older nodes report a missing entry point as a contract error. */
  entryPointNotFound: 21,
  transactionHashNotFound: 29,
  contractError: 40,
  transactionExecutionError: 41,
  // Of starknet_addInvokeTransaction (api/starknet_write_api.json).
  invalidTransactionNonce: 52,
  insufficientResources: 53,
  insufficientBalance: 54,
  validationFailure: 55,
  duplicateTransaction: 59,
  replacementUnderpriced: 64,
  feeBelowMinimum: 65,
} as const;

/** The last second of the year 9999: what is later is no time. */
export const timestampMax = 253_402_300_799;

/** Seconds since 1970 in a response. */
export const rpcTimestamp = z
  .int()
  .nonnegative()
  .max(timestampMax)
  .transform((seconds) => new Date(seconds * 1_000));

/** A felt in a response. Nodes should leave out leading zeros; some proxies do not, and the value is what counts. */
export const rpcFelt = z
  .string()
  .regex(/^0x[0-9a-fA-F]{1,64}$/)
  .transform((text) => BigInt(text))
  .refine((value) => value < feltPrime);
