import { isExactNumber } from "./exact-number.ts";

/** Far more than any input has. Whoever reads on recursively must not run out of stack. */
const levelsMax = 64;

/** An object or array that is being read. */
interface Container {
  /** The names so far; undefined in an array. */
  readonly names: Set<string> | undefined;
  /** The member that is being read: its name, or its place in the array. */
  at: string | number;
}

/** JSON that is not the same to every reader, or is changed by reading it. The message says what to do. */
export class InexactJsonError extends Error {
  override readonly name = "InexactJsonError";
  /** Names and places from the outermost value to the one that is meant, with dots between them; empty for the whole. */
  readonly path: string;

  constructor(path: string, message: string) {
    super(message);
    this.path = path;
  }
}

/**
 * Checks that JSON means the same to every reader and is not changed by reading it: no name twice in an object, no number
 * that a double cannot hold, no half of a surrogate pair (RFC 7493), and neither `__proto__` nor more than 64 levels.
 *
 * One pass over the characters: `JSON.parse` with a reviver, which would be told the source of each number, takes longer and
 * does not see a name that stands twice.
 *
 * @param text what `JSON.parse` has taken
 * @throws InexactJsonError with the first place that is not as it should be
 */
export function assertExact(text: string): void {
  const open: Container[] = [];
  let container: Container | undefined;
  let isName = false;
  for (let position = 0; position < text.length; position += 1) {
    switch (text[position]) {
      case '"': {
        const end = endOfString(text, position);
        if (isName && container !== undefined) addName(open, container, text.slice(position, end));
        else if (isBroken(text, position, end)) throw inexact(open, brokenText);
        isName = false;
        position = end - 1;
        break;
      }
      case ",":
        if (typeof container?.at === "number") container.at += 1;
        else isName = true;
        break;
      case "{":
      case "[": {
        if (open.length === levelsMax) throw inexact(open, `nest at most ${levelsMax} levels deep`);
        isName = text[position] === "{";
        container = isName ? { names: new Set(), at: "" } : { names: undefined, at: 0 };
        open.push(container);
        break;
      }
      case "}":
      case "]":
        open.pop();
        container = open.at(-1);
        isName = false;
        break;
      case "-":
      case "0":
      case "1":
      case "2":
      case "3":
      case "4":
      case "5":
      case "6":
      case "7":
      case "8":
      case "9": {
        const end = endOfNumber(text, position);
        const number = text.slice(position, end);
        if (!isExactNumber(number)) throw inexact(open, inexactNumber(number));
        position = end - 1;
        break;
      }
      default:
    }
  }
}

const brokenText = "leave out halves of surrogate pairs: they are no characters";

/** The position after the closing quote. */
function endOfString(text: string, start: number): number {
  let end = text.indexOf('"', start + 1);
  while (isEscaped(text, end)) end = text.indexOf('"', end + 1);
  return end + 1;
}

/** Whether an odd number of backslashes stands before. */
function isEscaped(text: string, position: number): boolean {
  let backslashes = 0;
  while (text[position - 1 - backslashes] === "\\") backslashes += 1;
  return backslashes % 2 === 1;
}

function endOfNumber(text: string, start: number): number {
  let end = start + 1;
  while (isOfNumber(text.charCodeAt(end))) end += 1;
  return end;
}

/** Digits, `+`, `-`, `.`, `E` and `e`; not what `charCodeAt` gives behind the end. */
function isOfNumber(code: number): boolean {
  return (
    (code >= 0x30 && code <= 0x39) ||
    code === 0x2b ||
    code === 0x2d ||
    code === 0x2e ||
    (code | 0x20) === 0x65
  );
}

function isBroken(text: string, start: number, end: number): boolean {
  const escapeStart = text.indexOf("\\u", start);
  if (escapeStart === -1 || escapeStart >= end) return false;
  return !(JSON.parse(text.slice(start, end)) as string).isWellFormed();
}

function addName(open: readonly Container[], container: Container, quoted: string): void {
  const name = quoted.includes("\\") ? (JSON.parse(quoted) as string) : quoted.slice(1, -1);
  container.at = name;
  if (container.names?.has(name)) throw inexact(open, "this name is there twice");
  if (name === "__proto__") throw inexact(open, "this name is not allowed");
  if (!name.isWellFormed()) throw inexact(open, brokenText);
  container.names?.add(name);
}

/** Enough to find it by. */
const shownDigitsMax = 40;

function inexactNumber(number: string): string {
  const shown = number.length > shownDigitsMax ? `${number.slice(0, shownDigitsMax)}…` : number;
  return `write ${shown} as text: a JSON number does not keep it exactly`;
}

/** Enough to find the place by; names can be as long as a body. */
const shownPathMax = 200;

function inexact(open: readonly Container[], message: string): InexactJsonError {
  const path = open.map(({ at }) => String(at)).join(".");
  const shown = path.length > shownPathMax ? `${path.slice(0, shownPathMax)}…` : path;
  return new InexactJsonError(shown.toWellFormed(), message);
}
