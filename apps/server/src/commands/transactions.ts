import { thisProcess } from "../this-process.ts";
import { runCommand } from "./run-command.ts";
import { transactionsCommand } from "./transactions-command.ts";

process.exitCode = await runCommand(transactionsCommand, thisProcess);
