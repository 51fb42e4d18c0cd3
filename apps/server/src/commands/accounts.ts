import { parseAccountsCommand, runAccountsCommand, usage } from "./accounts-command.ts";
import { runAccountCommand } from "./run-account-command.ts";

process.exitCode = await runAccountCommand({ usage, parse: parseAccountsCommand, run: runAccountsCommand });
