import { defineEndpoint } from "../endpoints/endpoint.ts";
import {
  createTransactionInput,
  getTransactionInput,
  listTransactionEntriesInput,
  listTransactionsInput,
  transaction,
  transactionEntries,
  transactions,
} from "./transactions.schema.ts";

export const transactionsEndpoints = {
  create: defineEndpoint({
    kind: "mutation",
    access: "transactions:write",
    rest: { method: "POST", path: "/transactions", status: 201 },
    summary: "Log a transaction",
    description:
      "The log is append-only, and each entry contains the hash of the one before. An allocate or rebalance that names a suggestion or an allocation also adds a snapshot to the allocation history.",
    input: createTransactionInput,
    output: transaction,
    errors: [
      "TX_HASH_INVALID",
      "TRANSACTION_ALREADY_LOGGED",
      "SUGGESTION_NOT_FOUND",
      "ALLOCATION_INVALID",
      "PROTOCOL_UNKNOWN",
      "STORAGE_FULL",
    ],
  }),
  list: defineEndpoint({
    kind: "query",
    access: "transactions:read",
    rest: { method: "GET", path: "/transactions", status: 200 },
    summary: "Your transactions",
    description: "Newest first, unless sort says otherwise.",
    input: listTransactionsInput,
    output: transactions,
    errors: ["CURSOR_INVALID"],
  }),
  entries: defineEndpoint({
    kind: "query",
    access: "transactions:read",
    rest: { method: "GET", path: "/transactions/entries", status: 200 },
    summary: "Your chained log of transactions",
    description:
      "An entry for each transaction logged and for each status that one came to have, newest first, unless sort says otherwise. From all of them anybody can check that nothing was changed, left out or put in.",
    input: listTransactionEntriesInput,
    output: transactionEntries,
    errors: ["CURSOR_INVALID"],
  }),
  get: defineEndpoint({
    kind: "query",
    access: "transactions:read",
    rest: { method: "GET", path: "/transactions/:tx_hash", status: 200 },
    summary: "One of your transactions by its hash",
    input: getTransactionInput,
    output: transaction,
    errors: ["TX_HASH_INVALID", "TRANSACTION_NOT_FOUND"],
  }),
} as const;
