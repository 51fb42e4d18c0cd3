import { thisProcess } from "../this-process.ts";
import { protocolsCommand } from "./protocols-command.ts";
import { runCommand } from "./run-command.ts";

process.exitCode = await runCommand(protocolsCommand, thisProcess);
