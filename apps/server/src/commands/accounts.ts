import { thisProcess } from "../this-process.ts";
import { accountsCommand } from "./accounts-command.ts";
import { runCommand } from "./run-command.ts";

process.exitCode = await runCommand(accountsCommand, thisProcess);
