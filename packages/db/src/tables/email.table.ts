import type { Generated } from "kysely";
import type { Timestamp } from "./column-types.ts";

/** Mail that has to be sent; a row goes when it was. */
export interface EmailOutboxTable {
  id: string;
  user_id: string | null;
  /** Recipient and content, encrypted: the links in it are as good as passwords. */
  sealed: Uint8Array;
  attempts: Generated<number>;
  created_at: Timestamp;
  next_attempt_at: Timestamp;
}
