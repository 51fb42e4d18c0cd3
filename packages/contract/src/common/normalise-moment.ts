import { z } from "zod";

const parts = /^([0-9-]{10}T[0-9]{2}:[0-9]{2}):([0-9]{2})(?:\.([0-9]+))?(Z|[+-][0-9]{2}:[0-9]{2})$/;

const withOffset = z.iso.datetime({ offset: true });

/**
 * A moment of RFC 3339 as ISO 8601 in UTC with milliseconds: with any offset, any number of decimals, `t` and `z` in lower
 * case, and leap seconds, which are the second after. Anything else stays as it is.
 *
 * Decimals beyond milliseconds are rounded up. All moments here have whole milliseconds, so that for each of them "at this
 * moment or later" and "before it" stay what they were.
 */
export function normaliseMoment(text: string): string {
  const [, untilMinute, second, decimals = "", offset] = parts.exec(text.toUpperCase()) ?? [];
  const isLeapSecond = second === "60";
  const whole = `${untilMinute}:${isLeapSecond ? "59" : second}${offset}`;
  if (!withOffset.safeParse(whole).success) return text;
  const milliseconds =
    Number(decimals.slice(0, 3).padEnd(3, "0")) + (/[1-9]/.test(decimals.slice(3)) ? 1 : 0);
  return new Date(Date.parse(whole) + (isLeapSecond ? 1000 : 0) + milliseconds).toISOString();
}
