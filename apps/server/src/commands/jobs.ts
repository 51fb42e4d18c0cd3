import { endProcess, thisProcess } from "../this-process.ts";
import { jobsCommand } from "./jobs-command.ts";
import { runCommand } from "./run-command.ts";

await endProcess(await runCommand(jobsCommand, thisProcess));
