import { z } from "zod";
import { allocation, decimalAmount, felt, nextCursor, pageFields, timestamp } from "../common.schema.ts";
import { jsonObject } from "../json-object.ts";
import { objectReference } from "../object-reference.ts";

export const transactionType = z
  .enum(["deposit", "withdraw", "allocate", "rebalance"])
  .meta({ id: "TransactionType" });
export type TransactionType = z.output<typeof transactionType>;

export const transactionStatus = z
  .enum(["pending", "confirmed", "failed"])
  .describe("pending: logged; the chain is not asked in this version")
  .meta({ id: "TransactionStatus" });
export type TransactionStatus = z.output<typeof transactionStatus>;

export const createTransactionInput = z
  .object({
    tx_hash: felt.describe(
      "Starknet transaction hash; stored and answered in the 66-character lower-case form",
    ),
    tx_type: transactionType,
    amount: decimalAmount,
    details: jsonObject(16)
      .prefault({})
      .describe("Anything worth keeping with it, such as the token; up to 16 KiB and 32 levels of JSON"),
    suggestion_id: objectReference("suggestion", z.uuid())
      .optional()
      .describe("For allocate and rebalance: the suggestion that this transaction carries out"),
    allocation: allocation
      .optional()
      .describe("For allocate and rebalance: the allocation after it, when it is not a suggestion's"),
  })
  .meta({
    id: "CreateTransactionInput",
    examples: [{ tx_hash: "0x5a1d", tx_type: "deposit", amount: "1250.5", details: { token: "USDC" } }],
  });
export type CreateTransactionInput = z.output<typeof createTransactionInput>;

export const transaction = z
  .object({
    id: z.uuid(),
    tx_hash: z.string(),
    tx_type: transactionType,
    amount: z.string().describe("Decimal string, exactly as logged"),
    status: transactionStatus,
    details: z.record(z.string(), z.json()),
    suggestion_id: z.uuid().nullable(),
    created_at: timestamp,
  })
  .meta({ id: "Transaction" });
export type Transaction = z.output<typeof transaction>;

export const listTransactionsInput = z
  .object({
    tx_type: transactionType.optional(),
    status: transactionStatus.optional(),
    ...pageFields,
  })
  .meta({ id: "ListTransactionsInput" })
  .prefault({});
export type ListTransactionsInput = z.output<typeof listTransactionsInput>;

export const transactions = z
  .object({ items: z.array(transaction), next_cursor: nextCursor })
  .meta({ id: "Transactions" });
export type Transactions = z.output<typeof transactions>;

export const getTransactionInput = z
  .object({ tx_hash: objectReference("transaction", felt) })
  .meta({ id: "GetTransactionInput" });
export type GetTransactionInput = z.output<typeof getTransactionInput>;
