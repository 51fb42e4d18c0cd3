import { DataDirectoryLockedError, isDatabaseUnavailable } from "@obsqra/db";
import { MarketSourceError } from "@obsqra/market";
import { EnvironmentError } from "./env.ts";
import { PortInUseError } from "./port.ts";

/** Says why the server did not start and what to do about it. Only the unexpected comes with its stack. */
export function explainStartError(error: unknown): string {
  if (error instanceof DataDirectoryLockedError) {
    return `${error.message}\nStop that process first, or set DATA_DIRECTORY to another directory.`;
  }
  if (isDatabaseUnavailable(error)) {
    return "The database at DATABASE_URL cannot be reached. Check the URL, and that the server runs and accepts the user.\nWithout DATABASE_URL an embedded database is used.";
  }
  if (
    error instanceof EnvironmentError ||
    error instanceof MarketSourceError ||
    error instanceof PortInUseError
  ) {
    return error.message;
  }
  return `The server could not start.\n${error instanceof Error ? (error.stack ?? error.message) : String(error)}`;
}
