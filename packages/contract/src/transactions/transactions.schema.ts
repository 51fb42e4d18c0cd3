import { z } from "zod";
import {
  allocation,
  decimalAmount,
  felt,
  filterMoment,
  nextCursor,
  pageFields,
  sha256Hex,
  timePageFields,
  timestamp,
} from "../common/common.schema.ts";
import { jsonObject, storedJsonObject } from "../common/json-object.ts";
import { objectReference } from "../endpoints/object-reference.ts";
import { whole } from "../figures/figures.ts";

const transactionType = z
  .enum(["deposit", "withdraw", "allocate", "rebalance"])
  .meta({ id: "TransactionType" });
export type TransactionType = z.output<typeof transactionType>;

const transactionStatus = z
  .enum(["pending", "confirmed", "failed", "not_found", "unverified"])
  .describe(
    "pending: logged, and not yet settled on the chain. confirmed: settled, and sent by one of your linked wallets. unverified: settled, and sent by none of them, or, where the service knows their contracts, none of the protocols took part; confirmed once you link the wallet. failed: reverted. not_found: the chain has not shown it for seven days. Only pending and confirmed ones count as what you hold. Without a Starknet node, all stay pending",
  )
  .meta({ id: "TransactionStatus" });

export const createTransactionInput = z
  .object({
    tx_hash: felt.describe(
      "Starknet transaction hash; stored and returned in the 66-character lower-case form",
    ),
    tx_type: transactionType,
    amount: decimalAmount,
    details: jsonObject(16)
      .prefault({})
      .describe(
        "Anything worth keeping with it, such as the token; up to 16 KiB, 1,000 values and 32 levels of JSON. Nothing personal: it stays when the account is erased",
      ),
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

const position = whole("position in the log")
  .positive()
  .describe("1 for your first entry, then without gaps");

/** What was logged, which never changes. */
const loggedFields = {
  tx_hash: z
    .string()
    .regex(/^0x[0-9a-f]{64}$/)
    .describe("66-character lower-case form"),
  tx_type: transactionType,
  amount: decimalAmount.describe("Decimal string, exactly as logged"),
  details: storedJsonObject,
  suggestion_id: z.uuid().nullable(),
  created_at: timestamp,
};

export const transaction = z
  .object({
    id: z.uuid(),
    ...loggedFields,
    status: transactionStatus,
    chain: z
      .object({ position, hash: sha256Hex })
      .describe("Its newest entry in your chained log, which transactions.entries shows as a whole"),
  })
  .meta({ id: "Transaction" });
export type Transaction = z.output<typeof transaction>;

/** One entry of a user's chained log: a transaction with a status that it came to have. */
export const transactionEntry = z
  .object({
    id: z.uuid(),
    owner_id: z.uuid().describe("Whose log it is"),
    position,
    hash_version: whole("version")
      .min(1)
      .max(2)
      .describe("2, and 1 for entries from before owner and position were hashed"),
    transaction_id: z.uuid(),
    ...loggedFields,
    status: transactionStatus,
    observed_at: timestamp.describe("When it came to have this status"),
    content_hash: sha256Hex.describe(
      "SHA-256, hexadecimal, of the entry as canonical JSON (RFC 8785) without content_hash, previous_hash and hash; in version 1 also without id, owner_id, position and hash_version",
    ),
    previous_hash: sha256Hex.describe("hash of the entry before; 64 zeros for the first"),
    hash: sha256Hex.describe("SHA-256, hexadecimal, of the bytes of previous_hash and content_hash"),
  })
  .meta({ id: "TransactionEntry" });
export type TransactionEntry = z.output<typeof transactionEntry>;

export const listTransactionsInput = z
  .object({
    tx_type: transactionType.optional(),
    status: transactionStatus.optional(),
    created_from: filterMoment
      .optional()
      .describe("Logged at this moment or later; RFC 3339, whatever its offset"),
    created_until: filterMoment
      .optional()
      .describe("Logged before this moment; RFC 3339, whatever its offset"),
    sort: z
      .enum(["newest", "oldest", "highest", "lowest"])
      .default("newest")
      .describe("What comes first; highest and lowest are by amount, whatever the token"),
    ...pageFields,
  })
  .meta({ id: "ListTransactionsInput" })
  .prefault({});
export type ListTransactionsInput = z.output<typeof listTransactionsInput>;

export const transactions = z
  .object({ items: z.array(transaction), next_cursor: nextCursor })
  .meta({ id: "Transactions" });
export type Transactions = z.output<typeof transactions>;

export const listTransactionEntriesInput = z
  .object(timePageFields)
  .meta({ id: "ListTransactionEntriesInput" })
  .prefault({});
export type ListTransactionEntriesInput = z.output<typeof listTransactionEntriesInput>;

export const transactionEntries = z
  .object({ items: z.array(transactionEntry), next_cursor: nextCursor })
  .meta({ id: "TransactionEntries" });
export type TransactionEntries = z.output<typeof transactionEntries>;

export const getTransactionInput = z
  .object({ tx_hash: objectReference("transaction", felt) })
  .meta({ id: "GetTransactionInput" });
export type GetTransactionInput = z.output<typeof getTransactionInput>;
