import { defineEndpoint } from "../endpoint.ts";
import {
  createTransactionInput,
  getTransactionInput,
  listTransactionsInput,
  transaction,
  transactions,
} from "./transactions.schema.ts";

export const transactionsEndpoints = {
  create: defineEndpoint({
    kind: "mutation",
    access: "transactions:write",
    rest: { method: "POST", path: "/transactions", status: 201 },
    summary: "Log a transaction",
    description:
      "The log is append-only. An allocate or rebalance that names a suggestion or an allocation also adds a snapshot to the allocation history.",
    input: createTransactionInput,
    output: transaction,
    errors: [
      "TX_HASH_INVALID",
      "TRANSACTION_ALREADY_LOGGED",
      "SUGGESTION_NOT_FOUND",
      "ALLOCATION_INVALID",
      "PROTOCOL_UNKNOWN",
    ],
  }),
  list: defineEndpoint({
    kind: "query",
    access: "transactions:read",
    rest: { method: "GET", path: "/transactions", status: 200 },
    summary: "Your transactions",
    description: "Newest first.",
    input: listTransactionsInput,
    output: transactions,
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
