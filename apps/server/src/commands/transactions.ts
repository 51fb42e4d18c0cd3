import { runCommand, thisProcess } from "./run-command.ts";
import { transactionsCommand } from "./transactions-command.ts";

process.exitCode = await runCommand(transactionsCommand, thisProcess);
