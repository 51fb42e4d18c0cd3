import type { ColumnType } from "kysely";
import type { Timestamp } from "./column-types.ts";

/** What is known of a job's schedule. The queue itself is in a schema of its own, which pg-boss keeps. */
export interface JobSchedulesTable {
  job: string;
  /** The newest moment of its schedule for which the job was sent; null before the first. */
  slot: Timestamp | null;
  /** Since when the job is not sent by its schedule; null while it is. */
  paused_at: Timestamp | null;
  /** What operators have asked for, until a process that runs jobs has noticed: to send it, or to look into the queue. */
  request: ColumnType<"run" | "look" | null, "run" | "look" | null | undefined, "run" | "look" | null>;
}
