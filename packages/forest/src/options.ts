import { ForestError } from "./errors.ts";

/** The largest `maxDepth`: walks that recurse into a tree must fit on the stack. */
export const deepestTree = 1024;

/** An inclusive range that an option must lie in. */
export interface OptionRange {
  readonly min: number;
  readonly max: number;
}

/** Returns the value, or throws `BAD_OPTION` unless it is an integer within the range. */
export function integerOption(name: string, value: number, range: OptionRange): number {
  if (!Number.isInteger(value) || value < range.min || value > range.max) {
    throw new ForestError(
      "BAD_OPTION",
      `${name} must be an integer from ${range.min} to ${range.max}, got ${value}`,
    );
  }
  return value;
}

/** Returns the value, or throws `BAD_OPTION` unless 0 < value ≤ 1. */
export function fractionOption(name: string, value: number): number {
  if (!(value > 0 && value <= 1)) {
    throw new ForestError("BAD_OPTION", `${name} must be above 0 and at most 1, got ${value}`);
  }
  return value;
}

/** Returns the value, or throws `BAD_OPTION` unless it is a number within the range. */
export function numberOption(name: string, value: number, range: OptionRange): number {
  if (!(value >= range.min && value <= range.max)) {
    throw new ForestError("BAD_OPTION", `${name} must be from ${range.min} to ${range.max}, got ${value}`);
  }
  return value;
}

/** Turns the monotone option into one direction per column; undefined when nothing is constrained. */
export function monotoneOption(
  value: readonly (-1 | 0 | 1)[] | undefined,
  columnCount: number,
): Int8Array | undefined {
  if (value === undefined) return undefined;
  if (value.length !== columnCount) {
    throw new ForestError(
      "BAD_OPTION",
      `monotone has ${value.length} entries, features have ${columnCount} columns`,
    );
  }
  if (value.some((direction) => direction !== -1 && direction !== 0 && direction !== 1)) {
    throw new ForestError("BAD_OPTION", "monotone entries must be -1, 0 or 1");
  }
  return value.every((direction) => direction === 0) ? undefined : Int8Array.from(value);
}
