import { z } from "zod";
import { defineError } from "../define-error.ts";

export const transactionsErrors = {
  TRANSACTION_NOT_FOUND: defineError({
    trpcCode: "NOT_FOUND",
    title: "No such transaction",
    details: z.undefined(),
    message: () => "You have logged no transaction with this hash.",
  }),
  TRANSACTION_ALREADY_LOGGED: defineError({
    trpcCode: "CONFLICT",
    title: "Transaction already logged",
    details: z.object({ tx_hash: z.string() }),
    message: ({ tx_hash }) =>
      `You have already logged the transaction ${tx_hash}. The log cannot be changed.`,
  }),
  TX_HASH_INVALID: defineError({
    trpcCode: "BAD_REQUEST",
    title: "Transaction hash not valid",
    details: z.undefined(),
    message: () =>
      "The transaction hash is not a Starknet hash: it has to be above 0 and below 0x800000000000011000000000000000000000000000000000000000000000001, as every field element is.",
  }),
} as const;
