import { UsageError } from "./usage-error.ts";

/**
 * Reads a UTC day or moment of a command line.
 *
 * @throws UsageError
 */
export function readMoment(text: string): Date {
  const moment = new Date(text);
  if (!(/^\d{4}-\d\d-\d\d(T.+Z)?$/.test(text) && moment.getTime() >= 0)) {
    throw new UsageError(`${text} is not a moment such as 2026-11-01T00:00:00Z.`);
  }
  return moment;
}
