import type { ColumnType } from "kysely";
import type { Json, Sequence, Timestamp } from "./column-types.ts";

/** Append-only: the database refuses updates and deletes. */
export interface TransactionsTable {
  id: string;
  sequence: Sequence;
  user_id: string;
  /** 66-character lower-case form. */
  tx_hash: string;
  tx_type: "deposit" | "withdraw" | "allocate" | "rebalance";
  /** `numeric`, as text, so that no digit is lost. */
  amount: ColumnType<string, string, never>;
  details: Json<Record<string, unknown>>;
  suggestion_id: string | null;
  created_at: Timestamp;
}

/** Append-only: a status change is a new row; the newest counts. */
export interface TransactionStatusesTable {
  id: string;
  sequence: Sequence;
  transaction_id: string;
  status: "pending" | "confirmed" | "failed";
  observed_at: Timestamp;
}

/** Snapshots of a user's allocation. */
export interface AllocationHistoryTable {
  id: string;
  sequence: Sequence;
  user_id: string;
  /** Basis points per protocol; they sum to 10,000. */
  allocation_bp: Json<Record<string, number>>;
  reason: string;
  suggestion_id: string | null;
  transaction_id: string | null;
  created_at: Timestamp;
}
