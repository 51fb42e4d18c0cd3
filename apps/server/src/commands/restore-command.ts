import { DumpError, hasEmbeddedDatabase, loadDump, openDatabase } from "@obsqra/db";
import { readBackup } from "../backup/read-backup.ts";
import { verifyRestored } from "../backup/verify-restored.ts";
import { databaseLocation } from "../create-dependencies.ts";
import type { Environment } from "../env.ts";
import { onlyWord, parseOptions } from "./parse-options.ts";
import type { CommandLine, Operator } from "./run-command.ts";

const usage = `Restores a backup into the configured database, which has to be empty, and verifies it: every row by its digest, both
kinds of chained logs, the transparency log, and models by their hashes.

Usage: obsqra restore FILE [--identity KEYFILE]... [--check]

  --identity KEYFILE  a file with secret keys of age, AGE-SECRET-KEY-1…, for a backup that is encrypted; may be repeated
  --check             restores into memory, verifies, and keeps nothing: the configured database is left alone
  --help              shows this text

A backup of either engine, embedded or Postgres, is restored into either. Start the server with the SECRET_KEY of the one that was backed up.
`;

interface RestoreCommand {
  readonly file: string;
  readonly identities: readonly string[];
  readonly isCheck: boolean;
}

/** `obsqra restore`. */
export const restoreCommand: CommandLine<RestoreCommand> = {
  usage,
  parse: (parameters) => {
    const { values, positionals } = parseOptions(parameters, {
      identity: { type: "string", multiple: true },
      check: { type: "boolean" },
      help: { type: "boolean" },
    });
    if (values.help === true) return "help";
    const file = onlyWord(positionals, "the backup");
    return { file, identities: values.identity ?? [], isCheck: values.check === true };
  },
  isChange: () => false,
  run: runRestore,
};

async function runRestore(
  { file, identities, isCheck }: RestoreCommand,
  env: Environment,
  { write, tellProgress }: Operator,
): Promise<number> {
  const location = isCheck ? { snapshot: undefined } : databaseLocation(env);
  if ("dataDirectory" in location && hasEmbeddedDatabase(location.dataDirectory))
    throw new DumpError(
      `There is a database in ${location.dataDirectory} already. Set DATA_DIRECTORY to another directory.`,
    );
  const { db, close } = await openDatabase(location);
  try {
    tellProgress("Loading, and comparing what was loaded with the backup …\n");
    const { tables } = await loadDump(db, readBackup(file, identities));
    const rows = Object.values(tables).reduce((sum, table) => sum + table.rows, 0);
    tellProgress("Verifying logs and models …\n");
    write(`${rows} rows ${isCheck ? "can be restored" : "are restored"}. ${await verifyRestored(db)}`);
    return 0;
  } finally {
    await close();
  }
}
