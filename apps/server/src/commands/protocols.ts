import { parseProtocolsCommand, runProtocolsCommand, usage } from "./protocols-command.ts";
import { runCommand } from "./run-command.ts";

process.exitCode = await runCommand({ usage, parse: parseProtocolsCommand, run: runProtocolsCommand });
