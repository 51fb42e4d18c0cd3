import { isPlanLost } from "./kept-plans.ts";

/** The database could not be reached, or went away while it was asked. Waiting and trying again can help. */
export class DatabaseUnavailableError extends Error {
  override readonly name = "DatabaseUnavailableError";
}

/** The database is of an encoding that has no place for some of the text that callers may send. */
export class DatabaseEncodingError extends Error {
  override readonly name = "DatabaseEncodingError";

  constructor(encoding: string) {
    super(
      `The database at DATABASE_URL has the encoding ${encoding}, which cannot hold all text. It has to be UTF8.`,
    );
  }
}

/** Another process uses the same embedded data directory. */
export class DataDirectoryLockedError extends Error {
  override readonly name = "DataDirectoryLockedError";
}

/** The embedded data directory cannot be created or written to. */
export class DataDirectoryUnusableError extends Error {
  override readonly name = "DataDirectoryUnusableError";
}

/** The embedded data directory may be sound, but this process may not read or write it. */
export class DataDirectoryForbiddenError extends Error {
  override readonly name = "DataDirectoryForbiddenError";
}

/** The embedded data directory holds something other than a whole database of this version. */
export class DataDirectoryDamagedError extends Error {
  override readonly name = "DataDirectoryDamagedError";
}

/** There is no room for the embedded database. Waiting and trying again can help. */
export class DiskFullError extends Error {
  override readonly name = "DiskFullError";
}

// SQLSTATE classes and codes of a server that is going, gone, starting, full, too slow or out of disk or memory:
// https://www.postgresql.org/docs/current/errcodes-appendix.html
const unavailableStates = /^(08...|57P0[1-5]|57014|53...|58030|25006)$/;
const unavailableSystemCodes = new Set([
  "ENOSPC",
  "EDQUOT",
  "ECONNREFUSED",
  "ECONNRESET",
  "ENOTFOUND",
  "EPIPE",
  "ETIMEDOUT",
  "EAI_AGAIN",
]);

/** Whether an error means that the database is away, as opposed to having refused the statement. */
export function isDatabaseUnavailable(error: unknown): boolean {
  if (error instanceof DatabaseUnavailableError || error instanceof DiskFullError) return true;
  if (error instanceof DataDirectoryForbiddenError) return true;
  if (isDataDamaged(error)) return true;
  const code = errorCode(error);
  return code !== undefined && (unavailableStates.test(code) || unavailableSystemCodes.has(code));
}

/** Whether an error, or what it was caused by, is that a disk has no room left. */
export function isDiskFull(error: unknown): boolean {
  if (error instanceof DiskFullError) return true;
  const code = errorCode(error);
  if (code === "53100" || code === "ENOSPC" || code === "EDQUOT") return true;
  return error instanceof Error && error.cause !== undefined && isDiskFull(error.cause);
}

// What is in a file is not what Postgres has written (data_corrupted, index_corrupted), it is gone (undefined_file), or the
// device cannot read it (io_error).
const damagedStates = /^(XX00[12]|58P01|58030)$/;

/**
 * Whether an error, or what it was caused by, is that the database's files are damaged, by Postgres' own checks. A `PANIC` is,
 * too, unless the disk is full.
 */
export function isDataDamaged(error: unknown): boolean {
  if (error instanceof DataDirectoryDamagedError) return true;
  if (!(error instanceof Error) || isDiskFull(error) || error instanceof DataDirectoryForbiddenError)
    return false;
  if (damagedStates.test(errorCode(error) ?? "")) return true;
  if ("severity" in error && error.severity === "PANIC") return true;
  return error.cause !== undefined && isDataDamaged(error.cause);
}

/**
 * Whether a statement was refused because the named unique constraint already holds such a row. The name is required: a
 * violation of another one, such as an id that is there already, is not the caller's fault.
 */
export function isUniqueViolation(error: unknown, constraint: string): boolean {
  return errorCode(error) === "23505" && constraintOf(error) === constraint;
}

/** Whether a statement was refused because it would leave a column without the value that it has to have. */
export function isValueMissing(
  error: unknown,
  place: { readonly table: string; readonly column: string },
): boolean {
  if (errorCode(error) !== "23502") return false;
  const { table, column } = error as { table?: unknown; column?: unknown };
  return table === place.table && column === place.column;
}

/** Whether a statement was refused by a rule on what may follow or be changed, such as that a table is append-only. */
export function isRefusedByRule(error: unknown): boolean {
  return errorCode(error) === "23001";
}

/**
 * Whether a transaction was undone because of another one: they waited for each other (a deadlock), or one has changed what
 * the other goes by (a serialization failure, or a migration under a plan that was kept). Running it again can help.
 */
export function isTransactionConflict(error: unknown): boolean {
  const code = errorCode(error);
  return code === "40P01" || code === "40001" || isPlanLost(error);
}

/** Whether a statement was refused because the user or owner that its row belongs to does not exist (any more). */
export function isUserMissing(error: unknown): boolean {
  // Postgres names a foreign key <table>_<column>_fkey.
  return errorCode(error) === "23503" && /_(user|owner)_id_fkey$/.test(constraintOf(error) ?? "");
}

function constraintOf(error: unknown): string | undefined {
  const { constraint } = error as { constraint?: unknown };
  return typeof constraint === "string" ? constraint : undefined;
}

function errorCode(error: unknown): string | undefined {
  if (!(error instanceof Error) || !("code" in error)) return undefined;
  return typeof error.code === "string" ? error.code : undefined;
}
