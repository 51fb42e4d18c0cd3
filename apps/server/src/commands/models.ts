import { endProcess, thisProcess } from "../this-process.ts";
import { modelsCommand } from "./models-command.ts";
import { runCommand } from "./run-command.ts";

await endProcess(await runCommand(modelsCommand, thisProcess));
