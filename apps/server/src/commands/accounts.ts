import { endProcess, thisProcess } from "../this-process.ts";
import { accountsCommand } from "./accounts-command.ts";
import { runCommand } from "./run-command.ts";

await endProcess(await runCommand(accountsCommand, thisProcess));
