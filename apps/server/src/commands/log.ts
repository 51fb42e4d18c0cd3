import { endProcess, thisProcess } from "../this-process.ts";
import { logCommand } from "./log-command.ts";
import { runCommand } from "./run-command.ts";

await endProcess(await runCommand(logCommand, thisProcess));
