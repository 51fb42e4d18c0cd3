import { parseAccountsCommand, runAccountsCommand, usage } from "./accounts-command.ts";
import { runCommand } from "./run-command.ts";

process.exitCode = await runCommand({ usage, parse: parseAccountsCommand, run: runAccountsCommand });
