import { modelsCommand } from "./models-command.ts";
import { runCommand, thisProcess } from "./run-command.ts";

process.exitCode = await runCommand(modelsCommand, thisProcess);
