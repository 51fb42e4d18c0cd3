import { resolve } from "node:path";
import { DataDirectoryLockedError } from "@obsqra/db";
import { askForBackup } from "../backup/serve-backups.ts";
import { writeBackup } from "../backup/write-backup.ts";
import { databaseLocation } from "../create-dependencies.ts";
import type { Environment } from "../env.ts";
import { openCommandDatabase } from "./command-database.ts";
import { onlyWord, parseOptions } from "./parse-options.ts";
import type { CommandLine, Operator } from "./run-command.ts";

const usage = `Writes all data, as they are at one moment, into a file: compressed, and encrypted to recipients.

Usage: obsqra backup FILE [--recipient KEY]...

  --recipient KEY  who alone can read it: a public key of age, age1…; may be repeated. @default whoever has the file
  --help           shows this text

It runs beside servers. On Postgres nobody waits for it; the embedded database does nothing else meanwhile, and its server writes the file.
Not in it: SECRET_KEY, without which what is sealed stays closed, and the runs of jobs. Keep SECRET_KEY elsewhere.
`;

interface BackupCommand {
  readonly file: string;
  readonly recipients: readonly string[];
}

/** `obsqra backup`. */
export const backupCommand: CommandLine<BackupCommand> = {
  usage,
  parse: (parameters) => {
    const options = { recipient: { type: "string", multiple: true }, help: { type: "boolean" } } as const;
    const { values, positionals } = parseOptions(parameters, options);
    if (values.help === true) return "help";
    return { file: onlyWord(positionals, "a file to write"), recipients: values.recipient ?? [] };
  },
  isChange: () => false,
  run: runBackup,
};

async function runBackup(
  { file, recipients }: BackupCommand,
  env: Environment,
  { write, tellProgress }: Operator,
): Promise<number> {
  const path = resolve(file);
  const rows = await backUp(env, { path, recipients: [...recipients] }, tellProgress);
  write(`${path} has ${rows} rows.\n`);
  return 0;
}

async function backUp(
  env: Environment,
  order: { readonly path: string; readonly recipients: string[] },
  tellProgress: (text: string) => void,
): Promise<number> {
  try {
    const { db, close } = await openCommandDatabase(env, { writes: false });
    try {
      const { tables } = await writeBackup(db, order.path, { ...order, now: new Date(), tellProgress });
      return Object.values(tables).reduce((sum, { rows }) => sum + rows, 0);
    } finally {
      await close();
    }
  } catch (error) {
    const location = databaseLocation(env);
    if (!(error instanceof DataDirectoryLockedError) || !("dataDirectory" in location)) throw error;
    const rows = await askForBackup(location.dataDirectory, order, tellProgress);
    if (rows === undefined) throw error;
    return rows;
  }
}
