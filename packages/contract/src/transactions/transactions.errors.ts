import { z } from "zod";
import { defineError } from "../errors/define-error.ts";

export const transactionsErrors = {
  TRANSACTION_NOT_FOUND: defineError({
    trpcCode: "NOT_FOUND",
    title: "No such transaction",
    details: z.undefined(),
    message: () => "You have logged no transaction with this hash.",
    cause: "The user has logged no transaction with this hash.",
    remedy: "Log it first at POST /api/v1/transactions. Leading zeros and case of the hash do not matter.",
  }),
  TRANSACTION_ALREADY_LOGGED: defineError({
    trpcCode: "CONFLICT",
    title: "Transaction already logged",
    details: z.object({ tx_hash: z.string() }),
    message: ({ tx_hash }) =>
      `You have already logged the transaction ${tx_hash}. The log cannot be changed.`,
    cause: "The user has logged this transaction before. The log is append-only.",
    remedy:
      "If you repeated a request, it has been done. To get the first response again next time, send an Idempotency-Key with the first request.",
    exampleDetails: { tx_hash: "0x0000000000000000000000000000000000000000000000000000000000005a1d" },
  }),
  TX_HASH_INVALID: defineError({
    trpcCode: "BAD_REQUEST",
    title: "Transaction hash not valid",
    details: z.undefined(),
    message: () =>
      "The transaction hash is not a Starknet hash: it has to be above 0 and below 0x800000000000011000000000000000000000000000000000000000000000001, as every field element is.",
    cause: "The hash has the form of a field element, but is 0 or above the largest one.",
    remedy: "Pass the hash as the wallet or the node gives it.",
  }),
} as const;
