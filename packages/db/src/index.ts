export type { Database, DatabaseTransaction } from "./database.ts";
export {
  DatabaseUnavailableError,
  DataDirectoryLockedError,
  DataDirectoryUnusableError,
  isDatabaseUnavailable,
  isRefusedByRule,
  isTransactionConflict,
  isUniqueViolation,
  isUserMissing,
} from "./database-errors.ts";
export { isDatabaseReachable } from "./is-database-reachable.ts";
export { migrate } from "./migrate.ts";
export { type DatabaseLocation, type OpenDatabase, openDatabase } from "./open-database.ts";
export type { ConnectionLoss } from "./postgres-pool.ts";
export type { NewRow, Row } from "./tables/column-types.ts";
export type { Tables } from "./tables.ts";
