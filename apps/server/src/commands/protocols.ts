import { protocolsCommand } from "./protocols-command.ts";
import { runCommand, thisProcess } from "./run-command.ts";

process.exitCode = await runCommand(protocolsCommand, thisProcess);
