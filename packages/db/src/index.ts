export { assertIntact } from "./assert-intact.ts";
export {
  createTableDigest,
  type DumpEnd,
  type DumpPart,
  digestDatabase,
  dumpDatabase,
} from "./backup/dump-database.ts";
export { DumpError, loadDump } from "./backup/load-dump.ts";
export { continueEventClock } from "./continue-event-clock.ts";
export type { Database, DatabaseTransaction } from "./database.ts";
export {
  DatabaseEncodingError,
  DatabaseUnavailableError,
  DataDirectoryDamagedError,
  DataDirectoryForbiddenError,
  DataDirectoryLockedError,
  DataDirectoryUnusableError,
  DiskFullError,
  isDatabaseUnavailable,
  isDataDamaged,
  isDiskFull,
  isRefusedByRule,
  isTransactionConflict,
  isUniqueViolation,
  isUserMissing,
  isValueMissing,
} from "./database-errors.ts";
export {
  type BuildStatement,
  defineStatement,
  defineStatements,
  type Placeholders,
  type SqlValue,
  type Statement,
} from "./define-statement.ts";
export { maintainTables } from "./embedded/maintain-tables.ts";
export { waitAtMost } from "./embedded/one-connection.ts";
export type { Durability } from "./embedded/open-embedded.ts";
export { hasEmbeddedDatabase } from "./embedded/open-embedded.ts";
export { contracting, migrate, readSchemaState, SchemaTooNewError } from "./migrate.ts";
export {
  type DatabaseListeners,
  type DatabaseLocation,
  type DatabaseState,
  type OpenDatabase,
  openDatabase,
} from "./open-database.ts";
export type { ConnectionLoss } from "./postgres-pool.ts";
export { findQueueSchema, queueDatabase, queueTransaction } from "./queue/queue-database.ts";
export { type RecordedMigration, recordMigrations } from "./record-migrations.ts";
export type { ConnectionCounts, StatementListener } from "./statement-listener.ts";
export type { NewRow, Row } from "./tables/column-types.ts";
export type { Tables } from "./tables.ts";
