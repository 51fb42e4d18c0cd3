import { DumpError } from "@obsqra/db";
import { AccountCommandError, ModelCommandError, ProtocolCommandError } from "@obsqra/features";
import { BackupFileError } from "../backup/backup-file-error.ts";
import type { Environment } from "../env.ts";
import type { CommandPlace } from "../this-process.ts";
import { type Announce, createAnnounce, isConsent } from "./announce-change.ts";
import { explainCommandError } from "./command-database.ts";
import { UsageError } from "./usage-error.ts";

/** What a command writes to. */
export interface Operator {
  readonly write: (text: string) => void;
  /** Takes how far it has come, beside what was asked for. */
  readonly tellProgress: (text: string) => void;
  /** For whatever changes something, before it does. */
  readonly announce: Announce;
}

/** A command of an operator. */
export interface CommandLine<TCommand extends object> {
  readonly usage: string;
  /** @throws UsageError */
  readonly parse: (parameters: readonly string[]) => TCommand | "help";
  /** Whether it changes something, so that it takes `--dry-run` and `--yes`. */
  readonly isChange: (command: TCommand) => boolean;
  /** @returns the exit code */
  readonly run: (command: TCommand, env: Environment, operator: Operator) => Promise<number>;
}

/**
 * Runs a command, and says why it failed.
 *
 * @returns the exit code: 2 for a command line that cannot be understood
 */
export async function runCommand<TCommand extends object>(
  { usage, parse, isChange, run }: CommandLine<TCommand>,
  { parameters, readEnvironment, write, ask, complain }: CommandPlace,
): Promise<number> {
  try {
    const consent = parameters.filter((parameter) => isConsent(parameter));
    const command = parse(parameters.filter((parameter) => !isConsent(parameter)));
    if (command === "help") {
      write(usage);
      return 0;
    }
    if (consent.length > 0 && !isChange(command)) {
      throw new UsageError(`Nothing is changed by that: it does not take ${consent.join(" or ")}.`);
    }
    const announce = createAnnounce(consent, { write, ask });
    return await run(command, readEnvironment(), { write, tellProgress: complain, announce });
  } catch (error) {
    const isMisused = error instanceof UsageError;
    complain(isMisused ? `${error.message}\n\n${usage}` : `${explain(error)}\n`);
    return isMisused ? 2 : 1;
  }
}

function explain(error: unknown): string {
  const isRefused =
    error instanceof DumpError ||
    error instanceof BackupFileError ||
    error instanceof AccountCommandError ||
    error instanceof ModelCommandError ||
    error instanceof ProtocolCommandError;
  return isRefused ? error.message : explainCommandError(error);
}
