import { thisProcess } from "../this-process.ts";
import { modelsCommand } from "./models-command.ts";
import { runCommand } from "./run-command.ts";

process.exitCode = await runCommand(modelsCommand, thisProcess);
