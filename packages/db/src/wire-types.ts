import pg from "pg";

/** The type `timestamptz`, by its number in every Postgres. */
const timestamptz = 1184;

/**
 * Reads values of the wire as pg does, but moments without looking for patterns: sessions have them written in one way only
 * (`session-settings.ts`).
 */
export const wireTypes: pg.CustomTypesConfig = {
  getTypeParser: (type: number, format?: "text" | "binary") => {
    const parse = pg.types.getTypeParser(type, format as "text");
    if (type !== timestamptz || format === "binary") return parse;
    return (text: string) => parseMoment(text) ?? parse(text);
  },
};

/** @returns undefined for what is not written as `2026-01-15 12:00:00+00`, with up to six digits of a second */
export function parseMoment(text: string): Date | undefined {
  const { length } = text;
  if (length < 22 || length > 29 || text[4] !== "-" || !text.endsWith("+00")) return undefined;
  const seconds = Date.UTC(
    twoDigits(text, 0) * 100 + twoDigits(text, 2),
    twoDigits(text, 5) - 1,
    twoDigits(text, 8),
    twoDigits(text, 11),
    twoDigits(text, 14),
    twoDigits(text, 17),
  );
  // Years before 100 would be taken for those of the twentieth century.
  return text.startsWith("00") ? undefined : new Date(seconds + millisecondsOf(text));
}

/** Whole milliseconds, as far as a Date has them: the rest is cut off. */
function millisecondsOf(text: string): number {
  let milliseconds = 0;
  for (let place = 20, worth = 100; worth >= 1; place += 1, worth /= 10) {
    // The last three are the zone.
    if (place < text.length - 3) milliseconds += digit(text, place) * worth;
  }
  return milliseconds;
}

function twoDigits(text: string, place: number): number {
  return digit(text, place) * 10 + digit(text, place + 1);
}

function digit(text: string, place: number): number {
  return text.charCodeAt(place) - 48;
}
