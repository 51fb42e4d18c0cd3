import { type ParseArgsOptionsConfig, parseArgs } from "node:util";
import { UsageError } from "./usage-error.ts";

/** Reads options and words. @throws UsageError */
export function parseOptions<const TOptions extends ParseArgsOptionsConfig>(
  parameters: readonly string[],
  options: TOptions,
) {
  try {
    return parseArgs({ args: [...parameters], options, allowPositionals: true });
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}

/** The one word of a command line. @throws UsageError */
export function onlyWord(words: readonly string[], what: string): string {
  const [word, ...rest] = words;
  if (word === undefined) throw new UsageError(`Name ${what}.`);
  if (rest.length > 0) throw new UsageError(`What is ${rest.join(" ")} for?`);
  return word;
}
