import {
  assertIntact,
  continueEventClock,
  DataDirectoryLockedError,
  hasEmbeddedDatabase,
  type OpenDatabase,
  openDatabase,
  readSchemaState,
} from "@obsqra/db";
import { databaseLocation } from "../create-dependencies.ts";
import type { Environment } from "../env.ts";
import { explainStartError } from "../explain-start-error.ts";

/** There is nothing that a command could look into. */
class NoDatabaseError extends Error {
  override readonly name = "NoDatabaseError";
}

/** The variables that say where the database of a command is. */
export type CommandDatabaseSettings = Pick<
  Environment,
  "DATABASE_URL" | "DATA_DIRECTORY" | "DATA_DURABILITY"
>;

/**
 * Opens the configured database for a command. A command makes no database and changes no schema: what it looks into is what
 * the server left behind, or nothing.
 *
 * @param writes whether the command changes data, and so writes events
 * @throws NoDatabaseError, DataDirectoryLockedError, DataDirectoryDamagedError, DatabaseUnavailableError, DiskFullError
 */
export async function openCommandDatabase(
  env: CommandDatabaseSettings,
  { writes }: { readonly writes: boolean },
): Promise<OpenDatabase> {
  const location = databaseLocation(env);
  if ("dataDirectory" in location && !hasEmbeddedDatabase(location.dataDirectory)) {
    throw new NoDatabaseError(
      `There is no database in ${location.dataDirectory} yet. Start the server once, or set DATA_DIRECTORY or DATABASE_URL.`,
    );
  }
  const database = await openDatabase(location);
  try {
    await assertIntact(database.db);
    await assertSchema(database, env);
    // Events of a restored dump come first, also when no server has been started since.
    if (writes) await continueEventClock(database.db);
    return database;
  } catch (error) {
    await database.close();
    throw error;
  }
}

async function assertSchema({ db }: OpenDatabase, env: CommandDatabaseSettings): Promise<void> {
  const place = env.DATABASE_URL === undefined ? env.DATA_DIRECTORY : "the database at DATABASE_URL";
  switch (await readSchemaState(db)) {
    case "current":
      return;
    case "none":
      throw new NoDatabaseError(`There is nothing in ${place} yet. Start the server once.`);
    case "older":
      throw new NoDatabaseError(
        `What is in ${place} is of an earlier version. Start the server once, which upgrades it.`,
      );
    case "newer":
      throw new NoDatabaseError(
        `What is in ${place} is of a later version. Use the command of that version.`,
      );
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
