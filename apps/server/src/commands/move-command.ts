import type { OpenDatabase } from "@obsqra/db";
import { DumpError, hasEmbeddedDatabase, openDatabase } from "@obsqra/db";
import { moveDatabase } from "../backup/move-database.ts";
import { verifyRestored } from "../backup/verify-restored.ts";
import { databaseLocation } from "../create-dependencies.ts";
import type { Environment } from "../env.ts";
import { type CommandDatabaseSettings, openCommandDatabase } from "./command-database.ts";
import { parseOptions } from "./parse-options.ts";
import type { CommandLine, Operator } from "./run-command.ts";
import { UsageError } from "./usage-error.ts";

const usage = `Moves all data from one database to another, which has to be empty, and verifies them there: every row by its digest, both kinds of
chained logs, the transparency log, and models by their hashes. What is moved also stays where it was.

Usage: obsqra move FROM TO

  FROM, TO  the directory of an embedded database, postgresql://user@host:5432/database, or "configured" for the one that the
            settings name: DATABASE_URL with DATABASE_PASSWORD, else DATA_DIRECTORY
  --help    shows this text

Stop the servers and workers of both first: whatever is written meanwhile is noticed, and then the move has failed. Afterwards, let the
settings name the new database, and keep SECRET_KEY; that of development is the file secret-key in DATA_DIRECTORY.
`;

interface MoveCommand {
  readonly from: string;
  readonly to: string;
}

/** `obsqra move`. */
export const moveCommand: CommandLine<MoveCommand> = {
  usage,
  parse: (parameters) => {
    const { values, positionals } = parseOptions(parameters, { help: { type: "boolean" } });
    if (values.help === true) return "help";
    const [from, to, ...rest] = positionals;
    if (from === undefined || to === undefined) throw new UsageError("Name from where and to where.");
    if (rest.length > 0) throw new UsageError(`What is ${rest.join(" ")} for?`);
    if (from === to) throw new UsageError("These are the same database.");
    return { from, to };
  },
  isChange: () => false,
  run: runMove,
};

async function runMove(
  { from, to }: MoveCommand,
  env: Environment,
  { write, tellProgress }: Operator,
): Promise<number> {
  await using opened = new AsyncDisposableStack();
  const source = await openCommandDatabase(settingsOf(from, env), { writes: false });
  opened.defer(source.close);
  const target = await openTarget(settingsOf(to, env));
  opened.defer(target.close);
  tellProgress("Moving, and comparing what is there with what was here …\n");
  const { tables } = await moveDatabase(source.db, target.db, new Date());
  const rows = Object.values(tables).reduce((sum, table) => sum + table.rows, 0);
  tellProgress("Verifying logs and models …\n");
  write(`${rows} rows are moved. ${await verifyRestored(target.db)}`);
  return 0;
}

async function openTarget(settings: CommandDatabaseSettings): Promise<OpenDatabase> {
  const location = databaseLocation(settings);
  if ("dataDirectory" in location && hasEmbeddedDatabase(location.dataDirectory))
    throw new DumpError(`There is a database in ${location.dataDirectory} already. Name another directory.`);
  return openDatabase(location);
}

function settingsOf(name: string, env: Environment): CommandDatabaseSettings {
  if (name === "configured") return env;
  if (/^postgres(ql)?:\/\//.test(name)) return { ...env, DATABASE_URL: name };
  return { ...env, DATABASE_URL: undefined, DATA_DIRECTORY: name };
}
