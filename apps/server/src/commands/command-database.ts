import { existsSync } from "node:fs";
import { join } from "node:path";
import { DataDirectoryLockedError, migrate, type OpenDatabase, openDatabase } from "@obsqra/db";
import { databaseLocation } from "../create-dependencies.ts";
import type { Environment } from "../env.ts";
import { explainStartError } from "../explain-start-error.ts";

/** There is nothing that a command could look into. */
class NoDatabaseError extends Error {
  override readonly name = "NoDatabaseError";
}

/**
 * Opens the configured database for a command and brings its schema up to date.
 *
 * @throws NoDatabaseError, DataDirectoryLockedError, DatabaseUnavailableError
 */
export async function openCommandDatabase(
  env: Pick<Environment, "DATABASE_URL" | "DATA_DIRECTORY">,
): Promise<OpenDatabase> {
  const location = databaseLocation(env);
  // Opening an embedded database would create it, and to look is not to create.
  if ("dataDirectory" in location && !existsSync(join(location.dataDirectory, "pglite"))) {
    throw new NoDatabaseError(
      `There is no database in ${location.dataDirectory} yet. Start the server once, or set DATA_DIRECTORY or DATABASE_URL.`,
    );
  }
  const database = await openDatabase(location);
  try {
    await migrate(database.db);
    return database;
  } catch (error) {
    await database.close();
    throw error;
  }
}

/** Says why a command failed and what to do about it. */
export function explainCommandError(error: unknown): string {
  if (error instanceof NoDatabaseError) return error.message;
  if (error instanceof DataDirectoryLockedError) {
    return `${error.message}\nStop the server first: its embedded database belongs to one process at a time. On Postgres (DATABASE_URL) this command works beside a running server.`;
  }
  return explainStartError(error, "The command failed.");
}
