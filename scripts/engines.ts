import { parseArgs } from "node:util";
import { runScript } from "./command-line.ts";
import { enginesDocument } from "./engines/engines-document.ts";

const help = `Prints what our migrations and statements use of Postgres, how often, and what Citus, YugabyteDB, CockroachDB and Aurora document
of it, and by which keys our tables would be spread: docs/engines.md. Migrations are run on an embedded database in memory to see what they send; of statements the
sources are read.

Usage: pnpm engines

  --help  show this text
`;

process.exitCode = await runScript({ help, parse, run });

function parse() {
  const { values } = parseArgs({ options: { help: { type: "boolean" } } });
  return values.help ? undefined : {};
}

async function run(): Promise<number> {
  process.stdout.write(await enginesDocument());
  return 0;
}
