import { DataDirectoryLockedError, DataDirectoryUnusableError, isDatabaseUnavailable } from "@obsqra/db";
import { MarketSourceError } from "@obsqra/market";
import { EnvironmentError } from "./env.ts";
import { CannotListenError } from "./port.ts";

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
  if (isDatabaseUnavailable(error)) {
    return `${explainDatabaseError(error)}\nWithout DATABASE_URL an embedded database is used.`;
  }
  if (
    error instanceof EnvironmentError ||
    error instanceof MarketSourceError ||
    error instanceof CannotListenError
  ) {
    return error.message;
  }
  return `${whatFailed}\n${error instanceof Error ? (error.stack ?? error.message) : String(error)}`;
}

/** Tells the refusals that an operator can mend from a server that is away. Never repeats the URL. */
function explainDatabaseError(error: unknown): string {
  const cause = error instanceof Error ? error.cause : undefined;
  switch (cause instanceof Error && "code" in cause ? cause.code : undefined) {
    case "28P01":
    case "28000":
      return "The server at DATABASE_URL refuses the user or the password.";
    case "3D000":
      return "The server at DATABASE_URL does not have this database. Create it, or correct the name.";
    default:
      return "The database at DATABASE_URL cannot be reached. Check the URL, and that the server runs.";
  }
}
