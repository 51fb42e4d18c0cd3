import { assertExact, InexactJsonError } from "@obsqra/json";
import { type ApiCommand, type CommandField, toWord } from "./command.ts";
import { UsageError } from "./exit-codes.ts";

/** How a schema says what a command line takes. */
interface OptionSchema {
  readonly type?: "string" | "number" | "boolean" | "array";
  readonly items?: { readonly type: "string"; readonly enum?: readonly string[] };
  readonly enum?: readonly string[];
  readonly description: string;
  readonly positional?: boolean;
}

/** Options that every command has besides the fields of its input. */
export interface CommonOptions {
  readonly owner: string | undefined;
  readonly url: string | undefined;
  readonly json: boolean;
  readonly all: boolean;
}

/** How the common options are written, and what they do. Those of a field of the same name are left out. */
export const commonOptions = {
  json: ["--json", "print JSON, for programs; of --all and events a line per item"],
  all: ["--all", "read the list to its end, from one page to the next"],
  owner: ["--owner <id>", "the organisation that you act for; otherwise OBSQRA_OWNER, or yourself"],
  url: ["--url <url>", "where the service is; otherwise OBSQRA_URL, or http://localhost:8000"],
} as const satisfies Record<keyof CommonOptions, readonly [string, string]>;

/** The options and words of a command, as JSON Schema. */
export function toOptionSchema({ fields }: ApiCommand): object {
  const given = fields.filter(({ isSecret }) => isSecret !== true);
  return {
    type: "object",
    properties: Object.fromEntries(given.map((field) => [toWord(field.name), toSchema(field)])),
    required: given.filter(({ isRequired }) => isRequired).map(({ name }) => toWord(name)),
  };
}

function toSchema({ type, description, choices, isPositional, isNullable }: CommandField): OptionSchema {
  const note =
    isNullable === true ? `${description}${description === "" ? "" : "; "}null for none` : description;
  const common = { description: note, ...(isPositional === true && { positional: true }) };
  const options = choices === undefined ? {} : { enum: choices };
  switch (type) {
    case "list":
      return { ...common, type: "array", items: { type: "string", ...options } };
    case "json":
      return { ...common, description: `${note}${note === "" ? "" : "; "}as JSON`, type: "string" };
    case "string":
      return { ...common, type: "string", ...(isNullable === true ? {} : options) };
    default:
      // A nullable number or boolean may be the word null.
      return { ...common, type: isNullable === true ? "string" : type };
  }
}

/**
 * The input that a command line stands for, with secrets asked for.
 *
 * @throws UsageError
 */
export async function readInput(
  { fields }: ApiCommand,
  options: Readonly<Record<string, unknown>>,
  readSecret: (question: string) => Promise<string>,
): Promise<Record<string, unknown> | undefined> {
  const input: Record<string, unknown> = {};
  for (const field of fields) {
    const value =
      field.isSecret === true
        ? await askFor(field, readSecret)
        : readValue(field, options[toWord(field.name)]);
    if (value !== undefined) input[field.name] = value;
  }
  return fields.length === 0 ? undefined : input;
}

/**
 * Which secrets are asked for, in which order, for the help of a command; empty where there are none. They are no options, since others see
 * command lines.
 */
export function sayWhatIsAskedFor({ fields }: ApiCommand): string {
  const secrets = fields.filter(({ isSecret }) => isSecret === true).map(questionOf);
  if (secrets.length === 0) return "";
  return `\nAsked for, or read from standard input, a line each: ${secrets.join("; ")}.\n`;
}

function questionOf({ name, isRequired }: CommandField): string {
  return `${toWord(name).replaceAll("-", " ")}${isRequired === true ? "" : " (empty for none)"}`;
}

/** An empty answer, or the end of what is piped, leaves out what may be left out. */
async function askFor(
  field: CommandField,
  readSecret: (question: string) => Promise<string>,
): Promise<string | undefined> {
  if (field.isRequired === true) return readSecret(questionOf(field));
  try {
    return (await readSecret(questionOf(field))) || undefined;
  } catch (error) {
    if (error instanceof UsageError) return undefined;
    throw error;
  }
}

function readValue({ name, type, isNullable }: CommandField, value: unknown): unknown {
  if (isNullable === true && value === "null") return null;
  if (type === "number" && value !== undefined) {
    const number = typeof value === "string" && value.trim() !== "" ? Number(value) : value;
    if (typeof number !== "number" || Number.isNaN(number))
      throw new UsageError(`--${toWord(name)} takes a number.`);
    return number;
  }
  // What Commander gives for an option that is the last word.
  if (type !== "boolean" && value === true) throw new UsageError(`--${toWord(name)} needs a value.`);
  if (type === "boolean" && typeof value === "string") return value === "true";
  if (type !== "json" || typeof value !== "string") return value;
  return readJson(name, value);
}

/** What the service would refuse is refused before it is changed on its way: reading it here would lose digits and names. */
function readJson(name: string, text: string): unknown {
  try {
    const value: unknown = JSON.parse(text);
    assertExact(text);
    return value;
  } catch (error) {
    const option = `--${toWord(name)}`;
    if (error instanceof InexactJsonError) {
      throw new UsageError(`${option}${error.path === "" ? "" : `, ${error.path}`}: ${error.message}`);
    }
    const why = error instanceof Error ? error.message : String(error);
    throw new UsageError(`${option} takes JSON, such as '{"name": 1}': ${why}`);
  }
}

/** A place in a call's input as it is typed: `<tx-hash>`, `--amount`, `--details, legs.0`. */
export function nameAsTyped({ fields }: ApiCommand, path: string): string {
  const [name = "", ...rest] = path.split(".");
  if (name === "") return "The input";
  const field = fields.find((each) => each.name === name);
  const word = toWord(name);
  const typed =
    field?.isPositional === true ? `<${word}>` : field?.isSecret === true ? `The ${word}` : `--${word}`;
  return [typed, ...(rest.length === 0 ? [] : [rest.join(".")])].join(", ");
}

/** The names of the common options that a command has. */
export function commonOptionsOf({ fields, isList }: ApiCommand): (keyof CommonOptions)[] {
  const own = new Set(fields.map(({ name }) => toWord(name)));
  return (["json", "all", "owner", "url"] as const).filter(
    (name) => !own.has(name) && (name !== "all" || isList),
  );
}

/** The common options of a command, or those that stand before it. */
export function readCommonOptions(
  command: ApiCommand,
  options: Readonly<Record<string, unknown>>,
  before: Readonly<Record<string, unknown>>,
): CommonOptions {
  const own = new Set<string>(commonOptionsOf(command));
  const read = (name: keyof CommonOptions) => (own.has(name) ? options[name] : undefined) ?? before[name];
  const [url, owner] = [read("url"), read("owner")];
  return {
    owner: typeof owner === "string" ? owner : undefined,
    url: typeof url === "string" ? url : undefined,
    json: read("json") === true,
    all: read("all") === true,
  };
}
