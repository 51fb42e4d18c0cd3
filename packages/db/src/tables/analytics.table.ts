import type { Timestamp } from "./column-types.ts";

/** Answers that several processes share; may be emptied at any time. */
export interface AnalyticsCacheTable {
  key: string;
  /** The answer as JSON, as bentocache wrote it. */
  value: string;
  created_at: Timestamp;
  expires_at: Timestamp;
}
