import type { Json, Timestamp } from "./column-types.ts";

/** Answers that several processes share; may be emptied at any time. */
export interface AnalyticsCacheTable {
  key: string;
  value: Json<unknown>;
  created_at: Timestamp;
  expires_at: Timestamp;
}
