import { parseArgs } from "node:util";
import { recordMigrations } from "@obsqra/db";
import { runScript } from "./command-line.ts";
import { explainFindings, judgeMigrations } from "./migrations/judge-migrations.ts";
import { migrationExceptions } from "./migrations/migration-exceptions.ts";

const help = `Checks that every migration can run while servers of the version before go on: it adds (expand), and what it takes away is a
migration of its own in a later release (contract). Runs them on an embedded database in memory to see what they send. Exits with 1,
naming what is wrong; what is excused is in scripts/migrations/migration-exceptions.ts.

Usage: node scripts/check-migrations.ts

  --help  show this text
`;

process.exitCode = await runScript({ help, parse, run });

function parse() {
  const { values } = parseArgs({ options: { help: { type: "boolean" } } });
  return values.help ? undefined : {};
}

async function run(): Promise<number> {
  const migrations = await recordMigrations();
  const findings = judgeMigrations(migrations);
  const problems = explainFindings(findings, migrationExceptions);
  if (problems.length > 0) {
    process.stderr.write(`Migrations do not bear the version before:\n${problems.join("\n")}\n`);
    return 1;
  }
  const excused = Object.keys(migrationExceptions).length;
  process.stdout.write(
    `${migrations.length} migrations bear the version before, ${excused} of them by a stated exception.\n`,
  );
  return 0;
}
