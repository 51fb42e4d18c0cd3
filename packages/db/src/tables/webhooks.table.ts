import type { ColumnType, Generated } from "kysely";
import type { Timestamp } from "./column-types.ts";

/** Where events are sent. */
export interface WebhooksTable {
  id: string;
  owner_id: string;
  url: string;
  topics: string[];
  status: "active" | "paused" | "disabled";
  disabled_reason: "failing" | "gone" | null;
  /** Signs the messages. */
  secret_sealed: Uint8Array;
  /** From before the last rotation; signs, too, until its moment. */
  previous_secret_sealed: Uint8Array | null;
  previous_secret_expires_at: Timestamp | null;
  last_success_at: Timestamp | null;
  failing_since: Timestamp | null;
  created_at: Timestamp;
  updated_at: Timestamp;
  /** The transaction that made it, counted as events are: it gets the events of later ones. */
  made_by_transaction: ColumnType<string, never, never>;
}

/** A message to a webhook, which is sent until its receiver takes it. */
export interface WebhookDeliveriesTable {
  /** The message's `webhook-id`. */
  id: string;
  webhook_id: string;
  owner_id: string;
  /** Null for a test. */
  event_id: string | null;
  /** Where the event stands among all others; by it those of a subject come in order. 0 for a test. */
  transaction_id: string;
  sequence: string;
  event_type: string;
  subject: string;
  /** What is sent, to the byte. */
  body: string;
  status: "pending" | "delivered" | "dead";
  /** Since it was queued, or replayed last. */
  attempts: Generated<number>;
  first_attempt_at: Timestamp | null;
  /** Null once it has ended. */
  next_attempt_at: Timestamp | null;
  created_at: Timestamp;
  ended_at: Timestamp | null;
  /** Who sends it now, and until when by the database's clock nobody else does. */
  lease: string | null;
  leased_until: Timestamp | null;
}

/** What came of each time that a delivery was sent. */
export interface WebhookAttemptsTable {
  id: string;
  delivery_id: string;
  webhook_id: string;
  owner_id: string;
  event_type: string;
  started_at: Timestamp;
  duration_ms: number;
  response_status: number | null;
  failure: string | null;
  response_excerpt: string | null;
}
