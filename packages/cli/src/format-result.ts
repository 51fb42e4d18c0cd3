import { columnWidths, formatColumns } from "./format-columns.ts";
import { visibleJson } from "./visible-text.ts";

type Fields = Readonly<Record<string, unknown>>;

/**
 * A result for people: lists as tables, anything else a field per line.
 *
 * @param columns how long a line may be: what does not fit, or has no place in a table, is named below it
 */
export function formatResult(result: unknown, columns: number): string {
  if (isFields(result)) return formatFields(result, columns);
  if (isRows(result)) return formatTable(result, columns);
  return `${toCell(result) ?? visibleJson(result, 2)}\n`;
}

function formatFields(fields: Fields, columns: number): string {
  const simple: string[][] = [];
  const parts: string[] = [];
  const left: string[] = [];
  for (const [name, value] of Object.entries(fields)) {
    const cell = toCell(value);
    // A picture is thousands of signs that nobody reads, and pushes away what stands above it.
    if (name.endsWith("_svg")) left.push(name);
    else if (cell !== undefined) simple.push([name, cell]);
    else if (isRows(value)) parts.push(`${name}\n${formatTable(value, columns)}`);
    else if (isFields(value)) parts.push(`${name}\n${indent(formatFields(value, columns - 2))}`);
    else parts.push(`${name}\n${indent(`${visibleJson(value)}\n`)}`);
  }
  return `${[...(simple.length > 0 ? [formatColumns(simple)] : []), ...parts].join("\n")}${notShown(left)}`;
}

function formatTable(rows: readonly Fields[], columns: number): string {
  if (rows.length === 0) return "None.\n";
  const names = [...new Set(rows.flatMap((row) => Object.keys(row)))];
  const isSimple = (name: string) => rows.every((row) => toCell(row[name]) !== undefined);
  const cells = names.filter(isSimple);
  const table = [cells, ...rows.map((row) => cells.map((name) => toCell(row[name]) ?? ""))];
  const fitting = countFitting(columnWidths(table), columns);
  const left = [...cells.slice(fitting), ...names.filter((name) => !isSimple(name))];
  return `${formatColumns(table.map((row) => row.slice(0, fitting)))}${notShown(left)}`;
}

function notShown(names: readonly string[]): string {
  return names.length === 0 ? "" : `Not shown: ${names.join(", ")}. --json has all.\n`;
}

/** How many columns fit into a line, from the left; one does always. */
function countFitting(widths: readonly number[], columns: number): number {
  let used = -2;
  const end = widths.findIndex((width) => {
    used += width + 2;
    return used > columns;
  });
  return end === -1 ? widths.length : Math.max(end, 1);
}

/** What has a place in one cell; undefined for what has parts of its own. */
function toCell(value: unknown): string | undefined {
  if (value === null || value === undefined) return "";
  if (Array.isArray(value)) {
    const cells = value.map(toCell);
    return cells.every((cell) => cell !== undefined) && !value.some(Array.isArray)
      ? cells.join(", ")
      : undefined;
  }
  if (typeof value === "object") return undefined;
  // Nobody reads 16 digits.
  if (typeof value === "number" && !Number.isInteger(value)) return String(Number(value.toPrecision(6)));
  // What a service has stored must not steer the terminal that shows it.
  return String(value).replaceAll(/\p{Cc}/gu, " ");
}

function isFields(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isRows(value: unknown): value is readonly Fields[] {
  return Array.isArray(value) && value.every(isFields);
}

function indent(text: string): string {
  return text.replaceAll(/^(?=.)/gm, "  ");
}
