import { accountsCommand } from "./accounts-command.ts";
import { runCommand, thisProcess } from "./run-command.ts";

process.exitCode = await runCommand(accountsCommand, thisProcess);
