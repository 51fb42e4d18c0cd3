import { parseArgs } from "node:util";
import { UsageError } from "./usage-error.ts";

/** What a command takes besides its name. */
export interface CommandShape {
  /** How many words may follow. @default 0 */
  readonly words?: number;
  /** Options with a value, and those without one. */
  readonly options?: readonly string[];
  readonly flags?: readonly string[];
}

/** A command line as it is understood. */
export interface ParsedLine<TName extends string> {
  readonly name: TName;
  readonly words: readonly string[];
  readonly options: Readonly<Record<string, string | undefined>>;
  readonly flags: ReadonlySet<string>;
}

/**
 * Reads the command line of a group of commands: `NAME [WORD…] [--option VALUE | --flag]…`. What a command does not take is refused
 * by name.
 *
 * @throws UsageError
 */
export function parseCommandLine<TName extends string>(
  parameters: readonly string[],
  shapes: Readonly<Record<TName, CommandShape>>,
): ParsedLine<TName> | "help" {
  const all: readonly CommandShape[] = Object.values(shapes);
  const { values, positionals } = readWords(parameters, {
    ...declare(
      all.flatMap(({ options = [] }) => options),
      "string",
    ),
    ...declare(
      all.flatMap(({ flags = [] }) => flags),
      "boolean",
    ),
    help: { type: "boolean", short: "h" },
  });
  const { help, ...given } = values;
  if (help === true) return "help";
  const [name, ...words] = positionals;
  if (name === undefined) throw new UsageError(`Say what to do: ${listNames(shapes)}.`);
  if (!isNameOf(shapes, name)) {
    throw new UsageError(`There is no command ${name}: use ${listNames(shapes)}.`);
  }
  const shape: CommandShape = shapes[name];
  const surplus = words.slice(shape.words ?? 0);
  if (surplus.length > 0) {
    throw new UsageError(`What is ${surplus.join(" ")} for? Options start with --.`);
  }
  const taken = [...(shape.options ?? []), ...(shape.flags ?? [])];
  refuseOptions(
    name,
    Object.keys(given).filter((option) => !taken.includes(option)),
  );
  const entries = Object.entries(given);
  return {
    name,
    words,
    options: Object.fromEntries(
      entries.flatMap(([option, value]) => (typeof value === "string" ? [[option, value]] : [])),
    ),
    flags: new Set(entries.flatMap(([option, value]) => (value === true ? [option] : []))),
  };
}

/**
 * Refuses options that a command does not take, such as one that goes with another form of it.
 *
 * @throws UsageError
 */
export function refuseOptions(command: string, options: readonly string[]): void {
  if (options.length > 0) throw new UsageError(`${command} does not take --${options.join(" or --")}.`);
}

interface Declaration {
  readonly type: "string" | "boolean";
  readonly short?: string;
}

function declare(names: readonly string[], type: Declaration["type"]): Record<string, Declaration> {
  return Object.fromEntries(names.map((name) => [name, { type }]));
}

function readWords(parameters: readonly string[], options: Record<string, Declaration>) {
  try {
    return parseArgs({ args: [...parameters], allowPositionals: true, options });
  } catch (cause) {
    throw new UsageError(cause instanceof Error ? cause.message : String(cause), { cause });
  }
}

function isNameOf<TName extends string>(
  shapes: Readonly<Record<TName, CommandShape>>,
  name: string,
): name is TName {
  return Object.hasOwn(shapes, name);
}

function listNames(shapes: object): string {
  return new Intl.ListFormat("en", { type: "disjunction" })
    .format(Object.keys(shapes))
    .replace(", or ", " or ");
}
