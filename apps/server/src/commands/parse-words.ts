import { parseArgs } from "node:util";
import { UsageError } from "./usage-error.ts";

/**
 * Reads a command line of words alone, without options but `--help`.
 *
 * @throws UsageError
 */
export function parseWords(parameters: readonly string[]): readonly string[] | "help" {
  try {
    const { values, positionals } = parseArgs({
      args: [...parameters],
      allowPositionals: true,
      options: { help: { type: "boolean", short: "h" } },
    });
    return values.help === true ? "help" : positionals;
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}
