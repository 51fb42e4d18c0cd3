import { randomSeed, readWholeNumber } from "../command-line.ts";

/** What `pnpm test` was given: the seed is ours, the rest are Vitest's arguments. */
export interface TestArguments {
  readonly seed: number;
  readonly others: readonly string[];
}

/**
 * Reads the arguments of `pnpm test`; the seed is a random one unless given.
 *
 * @throws UsageError
 */
export function readArguments(args: readonly string[]): TestArguments {
  const at = args.indexOf("--seed");
  if (at < 0) return { seed: Number(randomSeed()), others: args.map(keepPathAfterUpdate) };
  const seed = readWholeNumber("seed", args[at + 1] ?? "", 0);
  return { seed, others: args.toSpliced(at, 2).map(keepPathAfterUpdate) };
}

/** Vitest takes a path that follows -u for its value, and would run, and record anew, all there is. */
function keepPathAfterUpdate(argument: string, index: number, all: readonly string[]): string {
  const isSwitch = argument === "-u" || argument === "--update";
  return isSwitch && !["new", "all", "none"].includes(all[index + 1] ?? "") ? "--update=all" : argument;
}
