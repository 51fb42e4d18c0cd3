import { AccountCommandError, ProtocolCommandError } from "@obsqra/features";
import { type Environment, loadEnvironment } from "../env.ts";
import { explainCommandError } from "./command-database.ts";
import { UsageError } from "./usage-error.ts";

/** A command of an operator. */
export interface CommandLine<TCommand extends object> {
  readonly usage: string;
  /** @throws UsageError */
  readonly parse: (parameters: readonly string[]) => TCommand | "help";
  /** @returns the exit code */
  readonly run: (command: TCommand, env: Environment, write: (text: string) => void) => Promise<number>;
}

/**
 * Runs a command with the parameters of this process, and says why it failed.
 *
 * @returns the exit code: 2 for a command line that cannot be understood
 */
export async function runCommand<TCommand extends object>({
  usage,
  parse,
  run,
}: CommandLine<TCommand>): Promise<number> {
  const write = (text: string) => void process.stdout.write(text);
  try {
    const command = parse(process.argv.slice(2));
    if (command !== "help") return await run(command, loadEnvironment(), write);
    write(usage);
    return 0;
  } catch (error) {
    const isMisused = error instanceof UsageError;
    process.stderr.write(isMisused ? `${error.message}\n\n${usage}` : `${explain(error)}\n`);
    return isMisused ? 2 : 1;
  }
}

function explain(error: unknown): string {
  const isRefused = error instanceof AccountCommandError || error instanceof ProtocolCommandError;
  return isRefused ? error.message : explainCommandError(error);
}
