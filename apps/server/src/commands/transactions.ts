import { runAccountCommand } from "./run-account-command.ts";
import { parseTransactionsCommand, runTransactionsCommand, usage } from "./transactions-command.ts";

process.exitCode = await runAccountCommand({
  usage,
  parse: parseTransactionsCommand,
  run: runTransactionsCommand,
});
