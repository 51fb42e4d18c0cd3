import type { Timestamp } from "./column-types.ts";

/** Cache entries that several processes share; may be emptied at any time. */
export interface AnalyticsCacheTable {
  key: string;
  /** The entry as JSON, as bentocache wrote it. */
  value: string;
  created_at: Timestamp;
  expires_at: Timestamp;
}
