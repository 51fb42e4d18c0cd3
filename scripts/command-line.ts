import { parseArgs } from "node:util";
import { MarketSourceError } from "@obsqra/market";
import { UsageError } from "../apps/server/src/commands/usage-error.ts";

export { UsageError };

/** A script cannot go on, for a reason that its user can see to. */
export class ScriptError extends Error {
  override readonly name = "ScriptError";
}

/** A script with options. */
export interface Script<TCommand extends object> {
  readonly help: string;
  /**
   * Reads the options; undefined when help is asked for.
   *
   * @throws Error saying what is wrong with them
   */
  readonly parse: () => TCommand | undefined;
  /** @returns the exit code */
  readonly run: (command: TCommand) => Promise<number>;
}

/**
 * Runs a script with the parameters of this process.
 *
 * @returns the exit code: 2 for options that cannot be understood, 1 also where a file cannot be used or a server does not start
 */
export async function runScript<TCommand extends object>({
  help,
  parse,
  run,
}: Script<TCommand>): Promise<number> {
  let command: TCommand | undefined;
  try {
    command = parse();
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n\n${help}`);
    return 2;
  }
  if (command === undefined) {
    process.stdout.write(help);
    return 0;
  }
  try {
    return await run(command);
  } catch (error) {
    if (!(error instanceof ScriptError || error instanceof MarketSourceError)) throw error;
    process.stderr.write(`${error.message}\n`);
    return 1;
  }
}

/**
 * Reads a count or a seed.
 *
 * @throws UsageError
 */
export function readWholeNumber(option: string, text: string, min: number): number {
  const number = Number(text);
  if (!/^-?\d+$/.test(text) || !Number.isSafeInteger(number) || number < min) {
    throw new UsageError(`Use a whole number from ${min} for --${option}, not ${text}.`);
  }
  return number;
}

/**
 * Reads which database to use.
 *
 * @throws UsageError
 */
export function readEngine(text: string): "pglite" | "postgres" {
  if (text === "pglite" || text === "postgres") return text;
  throw new UsageError("Use --engine pglite or --engine postgres.");
}

/** Reads the options of a script that writes files, or with `--check` only says which are not up to date. */
export function parseCheck(): { readonly isCheck: boolean } | undefined {
  const { values } = parseArgs({
    options: { check: { type: "boolean", default: false }, help: { type: "boolean" } },
  });
  return values.help ? undefined : { isCheck: values.check };
}

/** A seed that nobody has chosen. */
export function randomSeed(): string {
  return String(Math.floor(Math.random() * 2 ** 31));
}
