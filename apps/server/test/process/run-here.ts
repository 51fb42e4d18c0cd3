import { type CommandLine, runCommand } from "../../src/commands/run-command.ts";
import { readEnvironment } from "../../src/env.ts";
import type { Ended } from "./run-script.ts";

/** Runs a command in this process, with these variables and no others: a process of its own takes a second to start. */
export async function runHere<TCommand extends object>(
  command: CommandLine<TCommand>,
  line: string,
  variables: Record<string, string>,
): Promise<Ended> {
  let [out, err] = ["", ""];
  const code = await runCommand(command, {
    parameters: line.split(" ").filter((word) => word !== ""),
    readEnvironment: () => readEnvironment(variables),
    write: (text) => {
      out += text;
    },
    ask: undefined,
    complain: (text) => {
      err += text;
    },
  });
  return { code, out, err };
}
