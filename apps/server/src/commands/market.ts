import { endProcess, thisProcess } from "../this-process.ts";
import { marketCommand } from "./market-command.ts";
import { runCommand } from "./run-command.ts";

await endProcess(await runCommand(marketCommand, thisProcess));
