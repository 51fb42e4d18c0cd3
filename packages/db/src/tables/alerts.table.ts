import type { ColumnType } from "kysely";
import type { Json, Timestamp } from "./column-types.ts";

/** An event that alerts are still to be written about. */
export interface AlertTasksTable {
  /** Of the event. */
  id: string;
  /** Null where it may concern anybody. */
  owner_id: string | null;
  cause: Json<unknown>;
  /** Up to this owner, by id, everybody is told. */
  after_owner_id: string | null;
  created_at: Timestamp;
}

/** What an owner was told, or will be with the mail of the day. */
export interface AlertsTable {
  id: string;
  owner_id: string;
  /** Unique per owner. */
  fact: string;
  alert: Json<unknown>;
  created_at: Timestamp;
  /** Whether it waits for the mail of the day. */
  waits: boolean;
  /** Null while it waits, and where alerts were switched off meanwhile. */
  mail_id: string | null;
}

/** The last day, in UTC, of which an owner got the mail of the day. */
export interface AlertDigestsTable {
  owner_id: string;
  /** `2026-01-15`. */
  day: ColumnType<string, string, string>;
}

/** The owner was told that a protocol's figure is beyond a threshold, and it was not well back since. */
export interface RiskAlertsTable {
  owner_id: string;
  source: string;
  protocol: string;
  /** Observed or forecast are risks; the others are forecasts of themselves. */
  basis: "observed" | "forecast" | "yield" | "illiquidity";
  threshold: number;
  told_at: Timestamp;
}
