import { runCommand } from "./run-command.ts";
import { parseTransactionsCommand, runTransactionsCommand, usage } from "./transactions-command.ts";

process.exitCode = await runCommand({
  usage,
  parse: parseTransactionsCommand,
  run: runTransactionsCommand,
});
