import { endProcess, thisProcess } from "../this-process.ts";
import { runCommand } from "./run-command.ts";
import { transactionsCommand } from "./transactions-command.ts";

await endProcess(await runCommand(transactionsCommand, thisProcess));
