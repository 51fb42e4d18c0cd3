import { parse } from "csv-parse/sync";

/** A cell or line that cannot be read. The message becomes the reason in the import report. */
export class RowError extends Error {
  override readonly name = "RowError";
}

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
const timestampPattern =
  /^(\d{4})-(\d{2})-(\d{2})(?:[T ](\d{2}):(\d{2})(?::(\d{2})(\.\d+)?)?(Z|[+-]\d{2}:?\d{2})?)?$/;

/**
 * The cells of one line. One line is one record: a quote that is never closed spoils its own line and none of
 * the following ones, at the price of not supporting line breaks inside a cell.
 *
 * @throws RowError when quotes do not match.
 */
export function splitCsvLine(line: string): string[] {
  if (!line.includes('"')) {
    return line.split(",");
  }
  try {
    const records: string[][] = parse(line, { columns: false, relax_column_count: true });
    return records[0] ?? [];
  } catch (error) {
    throw new RowError("the quotes in this line do not match", { cause: error });
  }
}

/**
 * A number, or null for an empty cell. `NaN` and `inf` are read as such, so that the quality check can flag
 * them.
 *
 * @throws RowError for anything else that is not a decimal number.
 */
export function parseNumber(cell: string, column: string): number | null {
  const text = cell.trim();
  if (text === "") {
    return null;
  }
  if (numberPattern.test(text)) {
    return Number(text);
  }
  const special = nonFinite.get(text.toLowerCase());
  if (special === undefined) {
    throw new RowError(`${column} is not a number: ${quoteCell(text)}`);
  }
  return special;
}

/**
 * `True`/`False` in any case, or null for an empty cell.
 *
 * @throws RowError for anything else.
 */
export function parseBoolean(cell: string, column: string): boolean | null {
  const text = cell.trim().toLowerCase();
  switch (text) {
    case "":
      return null;
    case "true":
      return true;
    case "false":
      return false;
    default:
      throw new RowError(`${column} is neither True nor False: ${quoteCell(text)}`);
  }
}

/**
 * An ISO 8601 date or date-time; UTC when it names no offset. Fractions below a millisecond are cut off.
 *
 * @throws RowError when it is empty, of another form, or not a day of the calendar (February 30th).
 */
export function parseTimestamp(cell: string): Date {
  const text = cell.trim();
  const match = timestampPattern.exec(text);
  if (match === null) {
    throw new RowError(
      text === "" ? "timestamp is missing" : `timestamp is not ISO 8601: ${quoteCell(text)}`,
    );
  }
  const [, year, month, day, hour = "00", minute = "00", second = "00", fraction = "", offset = "Z"] = match;
  const isoOffset = offset === "Z" ? "Z" : `${offset.slice(0, 3)}:${offset.slice(-2)}`;
  const moment = new Date(`${year}-${month}-${day}T${hour}:${minute}:${second}${fraction}${isoOffset}`);
  // JavaScript rolls February 30th over into March instead of refusing it.
  const calendarDay = new Date(Date.UTC(Number(year), Number(month) - 1, Number(day)));
  if (Number.isNaN(moment.getTime()) || calendarDay.getUTCDate() !== Number(day)) {
    throw new RowError(`timestamp does not exist: ${quoteCell(text)}`);
  }
  return moment;
}

/** Shows at most 40 characters of a cell, so that a report stays readable whatever the file contains. */
function quoteCell(text: string): string {
  return JSON.stringify(text.length > 40 ? `${text.slice(0, 40)}…` : text);
}
