import "vitest";

declare module "vitest" {
  /** What the global set-up of the database projects hands to the tests. */
  export interface ProvidedContext {
    databaseEngine: "pglite" | "postgres";
    /** File with a migrated PGlite data directory. */
    pgliteSnapshot: string;
    /** URL of the maintenance database of the test server. */
    postgresUrl: string;
  }
}
