import { thisProcess } from "../this-process.ts";
import { jobsCommand } from "./jobs-command.ts";
import { runCommand } from "./run-command.ts";

process.exitCode = await runCommand(jobsCommand, thisProcess);
