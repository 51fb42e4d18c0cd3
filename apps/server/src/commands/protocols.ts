import { endProcess, thisProcess } from "../this-process.ts";
import { protocolsCommand } from "./protocols-command.ts";
import { runCommand } from "./run-command.ts";

await endProcess(await runCommand(protocolsCommand, thisProcess));
