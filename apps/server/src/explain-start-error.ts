import {
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
  SchemaTooNewError,
} from "@obsqra/db";
import { LogChangedError } from "@obsqra/features";
import { MarketSourceError } from "@obsqra/market";
import { EnvironmentError } from "./env.ts";
import { CannotListenError } from "./port.ts";
import { SecretKeyError } from "./secret-key.ts";

/**
 * Says why the server did not start and what to do about it. Only the unexpected comes with its stack.
 *
 * @param whatFailed the sentence that the unexpected starts with
 */
export function explainStartError(error: unknown, whatFailed = "The server could not start."): string {
  if (error instanceof DataDirectoryLockedError) {
    return `${error.message}\nStop that process first, or set DATA_DIRECTORY to another directory.`;
  }
  if (error instanceof DataDirectoryUnusableError) {
    return `${error.message}\nSet DATA_DIRECTORY to another directory.`;
  }
  if (error instanceof DataDirectoryForbiddenError) {
    const advice =
      codeOf(error.cause) === "EROFS"
        ? "Mount the disk so that it can be written."
        : "Run this as the user whose files they are, or give that user all of them (chown -R).";
    return `${error.message}\nNothing is known to be damaged. ${advice}`;
  }
  if (error instanceof LogChangedError) {
    return `The transparency log does not continue what it has signed. ${error.message}\nNothing is signed on top of it. Keep a copy of the database as it is, and restore the newest backup.`;
  }
  if (isDiskFull(error)) return explainFullDisk(error);
  if (isMissingLibrary(error)) return explainDatabaseError(error);
  if (isDataDamaged(error)) return explainDamage(error);
  // At a start it is not the statement's fault.
  if (codeOf(error) === "42501") return explainDatabaseError(error);
  if (isDatabaseUnavailable(error)) {
    return `${explainDatabaseError(error)}\nWithout DATABASE_URL an embedded database is used.`;
  }
  if (
    error instanceof EnvironmentError ||
    error instanceof MarketSourceError ||
    error instanceof SchemaTooNewError ||
    error instanceof SecretKeyError ||
    error instanceof CannotListenError
  ) {
    return error.message;
  }
  return `${whatFailed}\n${error instanceof Error ? (error.stack ?? error.message) : String(error)}`;
}

function explainFullDisk(error: unknown): string {
  const message =
    error instanceof DiskFullError ? error.message : "There is no room left on the disk of the database.";
  return `${message}\nNothing is lost that was acknowledged. Free some room, then try again.`;
}

/** Damage that Postgres finds in one table or index is an error of a statement, and names its file. */
function explainDamage(error: unknown): string {
  const message =
    error instanceof DataDirectoryDamagedError
      ? error.message
      : `The files of the database are damaged: ${messageOfDamage(error)}.`;
  return `${message}\nKeep a copy of it as it is. Restore it from a backup, or move it away to start with an empty one.`;
}

/** Postgres' own words, which are the last of the causes. */
function messageOfDamage(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause !== undefined && isDataDamaged(error.cause)
    ? messageOfDamage(error.cause)
    : error.message;
}

/** Before there is a connection, a file that is not there is a library that role, database or server have asked for. */
function isMissingLibrary(error: unknown): boolean {
  return error instanceof DatabaseUnavailableError && codeOf(error.cause) === "58P01";
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && "code" in error ? error.code : undefined;
}

/**
 * Tells the refusals that an operator can mend from a server that is away. What the server itself says is repeated, which has
 * names of roles and databases, and no passwords; the URL never is.
 */
function explainDatabaseError(error: unknown): string {
  const cause = error instanceof DatabaseUnavailableError ? error.cause : error;
  if (cause instanceof DatabaseEncodingError) {
    return `${cause.message} Create another one with encoding 'UTF8' template template0.`;
  }
  const message = cause instanceof Error ? cause.message : String(cause);
  const code = codeOf(cause);
  switch (code) {
    case "28P01":
    case "28000":
      return "The server at DATABASE_URL refuses the user or the password.";
    case "3D000":
      return "The server at DATABASE_URL does not have this database. Create it, or correct the name.";
    // What a pooler such as PgBouncer does not want, be it a start-up parameter of the URL or a user that it does not know.
    case "08P01":
      return `What listens at DATABASE_URL refuses the connection: ${message}. Remove what it refuses from the URL, or allow it there.`;
    case "42501":
      return `The user of DATABASE_URL lacks a permission: ${message}. Grant it, or let that user own the database.`;
    case "53300":
      return `The server at DATABASE_URL has no connection left: ${message}. Close some, or allow more: of the server (max_connections), the database, or the role.`;
    case "25006":
      return `The server at DATABASE_URL can only be read, as a standby: ${message}. Name the one that can be written.`;
    case "58P01":
      return `The server at DATABASE_URL opens no connection: ${message}. Is it a library that the role, the database or the server loads (session_preload_libraries)? Install it, or ask for it no more.`;
  }
  if (typeof code === "string" && sqlState.test(code)) {
    return `The server at DATABASE_URL refuses: ${message}.`;
  }
  const unreachable =
    "The database at DATABASE_URL cannot be reached. Check the URL, and that the server runs.";
  // The operating system's own words are host and port again.
  const isOfSystem = cause instanceof Error && "syscall" in cause;
  return isOfSystem || error === cause ? unreachable : `${unreachable} What went wrong: ${message}.`;
}

/** Codes of Node are longer, such as `EPIPE_`; those of five letters come with a system call. */
const sqlState = /^(?!E[A-Z]{4}$)[0-9A-Z]{5}$/;
