import type { ColumnType, GeneratedAlways } from "kysely";
import type { Json, Timestamp } from "./column-types.ts";

/** What has happened, append-only. Written in the transaction of the change that it tells of. */
export interface EventsTable {
  id: string;
  /** Counts the writing transaction; by it and `sequence` readers go, see platform's events. */
  transaction_id: ColumnType<string, never, never>;
  sequence: GeneratedAlways<string>;
  /** Of the contract's event catalogue. */
  type: string;
  /** What it happened to: the id of a user, a transaction, a model. */
  subject: string;
  /** Whose data it is about; null for what everybody sees. */
  owner_id: string | null;
  payload: Json<unknown>;
  occurred_at: Timestamp;
}

/** One row, which keeps transaction ids growing after a dump was restored into another cluster. */
export interface EventClockTable {
  id: GeneratedAlways<boolean>;
  /** What is added to the ids that the cluster gives its transactions. */
  transaction_offset: string;
}

/** How far each reader of the events has come. */
export interface EventReadersTable {
  name: string;
  transaction_id: string;
  sequence: string;
  updated_at: Timestamp;
}
