import { showText } from "../show-text.ts";
import type { CsvDialect } from "./csv-dialect.ts";
import { RowError } from "./row-error.ts";

const numberPattern = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/;
const nonFinite: ReadonlyMap<string, number> = new Map([
  ["nan", Number.NaN],
  ["inf", Number.POSITIVE_INFINITY],
  ["+inf", Number.POSITIVE_INFINITY],
  ["-inf", Number.NEGATIVE_INFINITY],
  ["infinity", Number.POSITIVE_INFINITY],
  ["+infinity", Number.POSITIVE_INFINITY],
  ["-infinity", Number.NEGATIVE_INFINITY],
]);
/** How databases, query tools, spreadsheets, R and Python write what is unknown, besides an empty cell. */
const unknowns: ReadonlySet<string> = new Set(["", "null", "\\n", "<nil>", "none", "na", "n/a", "#n/a"]);
const timestampPattern =
  /^(\d{4})-(\d{2})-(\d{2})(?:[Tt ](\d{2}):(\d{2})(?::(\d{2})(\.\d+)?)?(?: ?([Zz]|UTC|GMT|[+-]\d{2}(?::?\d{2})?)(?: UTC)?)?)?$/;
const usualTimestamp = /^\d{4}-\d{2}-\d{2}T(?:[01]\d|2[0-3]):\d{2}:\d{2}\.\d{3}Z$/;
const slashedYearFirst = /^(\d{4})\/(\d{2})\/(\d{2})/;
/** The basic form of ISO 8601; without `20` at its beginning it could be a Unix time. */
const withoutHyphens = /^(20\d{2})(\d{2})(\d{2})(?:T(\d{2})(\d{2})(\d{2})?(Z?))?$/;

/** Whether a cell says that nothing is known. */
export function isUnknown(cell: string): boolean {
  return unknowns.has(cell.trim().toLowerCase());
}

/**
 * A number, or null for an unknown one. `NaN` and `inf` are read as such, so that the quality check can flag
 * them.
 *
 * @throws RowError for anything else that is not a decimal number, or that could be two different ones.
 */
export function parseNumber(
  cell: string,
  column: string,
  decimalMark: CsvDialect["decimalMark"] = ".",
): number | null {
  const text = cell.trim();
  if (numberPattern.test(text)) {
    if (decimalMark === "," && groupingPoint.test(text)) throw ambiguous(text, column);
    // Without a sign for zero, which the database does not keep.
    return Number(text) + 0;
  }
  if (isUnknown(text)) {
    return null;
  }
  const special = nonFinite.get(text.toLowerCase());
  if (special !== undefined) {
    return special;
  }
  return parseWithComma(text, column, decimalMark);
}

/**
 * `True`/`False`, `t`/`f` or `1`/`0` in any case, or null for an unknown one.
 *
 * @throws RowError for anything else.
 */
export function parseBoolean(cell: string, column: string): boolean | null {
  const text = cell.trim().toLowerCase();
  switch (text) {
    case "true":
    case "t":
    case "1":
      return true;
    case "false":
    case "f":
    case "0":
      return false;
    default:
      if (isUnknown(text)) return null;
      throw new RowError(`${column} is neither True nor False: ${showText(text)}`);
  }
}

/**
 * An ISO 8601 date or date-time, also as Postgres (`2025-07-10 23:04:57+00`) and Dune (`2025-07-10 23:04:57.000 UTC`) write
 * it; UTC when it names no offset. Fractions below a millisecond are cut off.
 *
 * @throws RowError when it is empty, of another form, or not a day of the calendar (February 30th).
 */
export function parseTimestamp(cell: string): Date {
  const text = cell.trim();
  const usual = usualTimestamp.test(text) ? new Date(text) : undefined;
  // Most rows have this form, which takes a third of the time. A day that does not exist is another one for the platform.
  if (
    usual !== undefined &&
    !Number.isNaN(usual.getTime()) &&
    usual.getUTCDate() === Number(text.slice(8, 10))
  ) {
    return usual;
  }
  const match = timestampPattern.exec(withHyphens(text));
  if (match === null) {
    throw new RowError(
      text === "" ? "timestamp is missing" : `${timestampComplaint(text)}: ${showText(text)}`,
    );
  }
  const [, year, month, day, hour = "00", minute = "00", second = "00", fraction = "", offset = "Z"] = match;
  const moment = new Date(
    `${year}-${month}-${day}T${hour}:${minute}:${second}${fraction}${isoOffset(offset)}`,
  );
  // JavaScript rolls February 30th over into March instead of refusing it.
  const calendarDay = new Date(Date.UTC(Number(year), Number(month) - 1, Number(day)));
  if (Number.isNaN(moment.getTime()) || calendarDay.getUTCDate() !== Number(day)) {
    throw new RowError(`timestamp does not exist: ${showText(text)}`);
  }
  return moment;
}

function withHyphens(text: string): string {
  const [, year, month, day, hour, minute, second = "00", offset = ""] = withoutHyphens.exec(text) ?? [];
  if (year === undefined) return text.replace(slashedYearFirst, "$1-$2-$3");
  const time = hour === undefined ? "" : `T${hour}:${minute}:${second}${offset}`;
  return `${year}-${month}-${day}${time}`;
}

function isoOffset(offset: string): string {
  if (!/^[+-]/.test(offset)) return "Z";
  return `${offset.slice(0, 3)}:${offset.length > 3 ? offset.slice(-2) : "00"}`;
}

/** What was seen and what to do, for the ways in which dates usually go wrong. */
function timestampComplaint(text: string): string {
  if (/^\d{9,10}$/.test(text) || /^\d{13}$/.test(text)) {
    return "timestamp is a Unix time; write it as 2025-07-10T23:04:57Z";
  }
  if (/^\d{5}([.,]\d+)?$/.test(text))
    return "timestamp is a spreadsheet's day number; format the column as 2025-07-10";
  if (/^\d{1,2}[/.-]\d{1,2}[/.-]\d{2,4}/.test(text)) {
    return "timestamp does not say which number is the month; write it as 2025-07-10";
  }
  return `timestamp is not ISO 8601${/\d/.test(text) ? "; write it as 2025-07-10T23:04:57Z" : ""}`;
}

/** The comma groups thousands, or begins the fraction. */
const groupingComma = /^[+-]?[1-9]\d{0,2}(?:,\d{3})+(?:\.\d*)?(?:[eE][+-]?\d+)?$/;
const decimalComma = /^[+-]?(?:\d*|[1-9]\d{0,2}(?:\.\d{3})+),\d+(?:[eE][+-]?\d+)?$/;
const groupingPoint = /^[+-]?[1-9]\d{0,2}(?:\.\d{3})+$/;
/** Spaces and apostrophes never begin a fraction, and two points cannot. */
const groupingMark =
  /^[+-]?[1-9]\d{0,2}(?:([ \u00a0\u2009\u202f'’])\d{3}(?:\1\d{3})*(?:[.,]\d+)?|(?:\.\d{3}){2,})$/;

function parseWithComma(text: string, column: string, decimalMark: CsvDialect["decimalMark"]): number {
  const grouped = groupingMark.exec(text);
  // What is left has a comma before its fraction at most, since something else groups.
  if (grouped !== null) return Number(text.replaceAll(grouped[1] ?? ".", "").replace(",", ".")) + 0;
  const canGroup = groupingComma.test(text);
  const canBegin = decimalComma.test(text);
  if (canGroup && canBegin && decimalMark === ".") throw ambiguous(text, column);
  if (canBegin) return Number(text.replaceAll(".", "").replace(",", ".")) + 0;
  if (canGroup) return Number(text.replaceAll(",", "")) + 0;
  const advice = /\d/.test(text) ? "; write digits and a decimal point, nothing else" : "";
  throw new RowError(`${column} is not a number: ${showText(text)}${advice}`);
}

function ambiguous(text: string, column: string): RowError {
  return new RowError(
    `${column} can be read in two ways: ${showText(text)}; write a decimal point, and nothing between thousands`,
  );
}
