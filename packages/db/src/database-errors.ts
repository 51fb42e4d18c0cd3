/** The database could not be reached, or went away while it was asked. Waiting and trying again can help. */
export class DatabaseUnavailableError extends Error {
  override readonly name = "DatabaseUnavailableError";
}

/** Another process uses the same embedded data directory. */
export class DataDirectoryLockedError extends Error {
  override readonly name = "DataDirectoryLockedError";
}

// SQLSTATE classes and codes of a server that is going, gone, starting or full:
// https://www.postgresql.org/docs/current/errcodes-appendix.html
const unavailableStates = /^(08...|57P0[1-5]|53300|25006)$/;
const unavailableSystemCodes = new Set([
  "ECONNREFUSED",
  "ECONNRESET",
  "ENOTFOUND",
  "EPIPE",
  "ETIMEDOUT",
  "EAI_AGAIN",
]);

/** Whether an error means that the database is away, as opposed to having refused the statement. */
export function isDatabaseUnavailable(error: unknown): boolean {
  if (error instanceof DatabaseUnavailableError) return true;
  const code = errorCode(error);
  return code !== undefined && (unavailableStates.test(code) || unavailableSystemCodes.has(code));
}

/** Whether a statement was refused because the named unique constraint (or any, without a name) already holds such a row. */
export function isUniqueViolation(error: unknown, constraint?: string): boolean {
  if (errorCode(error) !== "23505") return false;
  return constraint === undefined || (error as { constraint?: unknown }).constraint === constraint;
}

function errorCode(error: unknown): string | undefined {
  if (!(error instanceof Error) || !("code" in error)) return undefined;
  return typeof error.code === "string" ? error.code : undefined;
}
