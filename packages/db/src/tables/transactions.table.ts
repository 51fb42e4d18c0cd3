import type { ColumnType, GeneratedAlways } from "kysely";
import type { Json, Sequence, Timestamp } from "./column-types.ts";

/** Append-only: the database refuses updates and deletes. */
export interface TransactionsTable {
  id: string;
  owner_id: string;
  /** 66-character lower-case form. */
  tx_hash: string;
  tx_type: "deposit" | "withdraw" | "allocate" | "rebalance";
  /** `numeric`, as text, so that no digit is lost. */
  amount: ColumnType<string, string, never>;
  details: Json<Record<string, unknown>>;
  /** Of the details as JSON text. */
  details_bytes: GeneratedAlways<number>;
  suggestion_id: string | null;
  created_at: Timestamp;
}

/**
 * The entries of each owner's log: that a transaction was logged, which makes it pending, and what became of it.
 * Append-only; the database refuses what cannot follow, and chains the entries of an owner.
 */
export interface TransactionStatusesTable {
  id: string;
  transaction_id: string;
  status: "pending" | "confirmed" | "failed" | "not_found" | "unverified";
  observed_at: Timestamp;
  /** The transaction's; given by the database, as is all that follows. */
  owner_id: GeneratedAlways<string>;
  /** 1 for an owner's first entry, then without gaps. */
  position: GeneratedAlways<string>;
  /** 1 for entries from before hashes covered owner, position and id, 2 since. */
  hash_version: GeneratedAlways<number>;
  /** SHA-256 of the transaction and this status. */
  content_hash: GeneratedAlways<Uint8Array>;
  /** 32 zero bytes for the first. */
  previous_hash: GeneratedAlways<Uint8Array>;
  /** SHA-256 of previous_hash and content_hash. */
  hash: GeneratedAlways<Uint8Array>;
}

/** Transactions that the chain is still to be asked about. */
export interface OpenTransactionsTable {
  transaction_id: string;
  owner_id: string;
  next_check_at: Timestamp;
}

/** Snapshots of an owner's allocation. */
export interface AllocationHistoryTable {
  id: string;
  sequence: Sequence;
  owner_id: string;
  /** Basis points per protocol; they sum to 10,000. */
  allocation_bp: Json<Record<string, number>>;
  reason: string;
  suggestion_id: string | null;
  transaction_id: string | null;
  created_at: Timestamp;
}
