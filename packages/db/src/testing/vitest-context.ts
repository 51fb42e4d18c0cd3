import "vitest";
import type { TestSnapshot } from "./snapshots.ts";

declare module "vitest" {
  /** What the global set-up of the database projects hands to the tests. */
  export interface ProvidedContext {
    databaseEngine: "pglite" | "postgres";
    /** Files with PGlite data directories. */
    pgliteSnapshots: Readonly<Record<TestSnapshot, string>>;
    /** URL of the maintenance database of the test server. */
    postgresUrl: string;
  }
}
