import "./vitest-context.ts";

export { createTestDatabase, snapshotFile, type TestDatabase } from "./create-test-database.ts";
export { type HeldTransaction, holdTransaction } from "./hold-transaction.ts";
export { migrateAfresh } from "./migrate-afresh.ts";
export { type Break, type BreakingDatabase, openBreakingDatabase } from "./open-breaking-database.ts";
export { type PostgresProcess, startPostgresProcess } from "./postgres-process.ts";
export { findRelationFiles } from "./relation-files.ts";
export { runSql } from "./run-sql.ts";
export {
  type AddForecasts,
  makePgliteSnapshots,
  makePostgresTemplates,
  type TestSnapshot,
} from "./snapshots.ts";
export { startNeighbour } from "./start-neighbour.ts";
export { startPostgres, type TestPostgres } from "./start-postgres.ts";
export { startProxy, type TestProxy } from "./start-proxy.ts";
export { copyFiles, startAtMoment, startStandby } from "./start-standby.ts";
export { stateByAsking } from "./state-by-asking.ts";
export { digestTables, readRowTexts } from "./table-contents.ts";
export { waitForEvents } from "./wait-for-events.ts";
export { withoutRules } from "./without-rules.ts";
