import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseBoolean, parseNumber, parseTimestamp, RowError, splitCsvLine } from "./csv-values.ts";

describe("splitCsvLine", () => {
  it("keeps commas and doubled quotes inside a quoted cell", () => {
    expect(splitCsvLine('a,"b,c","say ""hi""",')).toEqual(["a", "b,c", 'say "hi"', ""]);
  });

  it("refuses quotes that do not match", () => {
    expect(() => splitCsvLine('a,"b,c')).toThrow(RowError);
    expect(() => splitCsvLine('a,b"c,d')).toThrow(RowError);
  });
});

describe("parseNumber", () => {
  it("reads back any finite number as JavaScript writes it", () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (value) => {
        expect(parseNumber(String(value), "apy")).toBe(value === 0 ? Number(String(value)) : value);
      }),
    );
  });

  it("takes an empty cell for unknown, and reads what cannot be for the quality check to flag", () => {
    expect(parseNumber("  ", "apy")).toBeNull();
    expect(parseNumber("nan", "apy")).toBeNaN();
    expect(parseNumber("-Infinity", "apy")).toBe(Number.NEGATIVE_INFINITY);
    expect(parseNumber("1e999", "apy")).toBe(Number.POSITIVE_INFINITY);
  });

  it.each(["abc", "1,5", "0x10", "1e", "--1", "1 2", "null"])("refuses %j", (text) => {
    expect(() => parseNumber(text, "apy")).toThrow(/^apy is not a number: /);
  });

  it("shows no more than 40 characters of a broken cell", () => {
    expect(() => parseNumber("x".repeat(1000), "apy")).toThrow(
      new RowError(`apy is not a number: "${"x".repeat(40)}…"`),
    );
  });
});

describe("parseTimestamp", () => {
  it.each([
    ["2025-07-10T23:04:57.191Z", "2025-07-10T23:04:57.191Z"],
    ["2025-07-10T23:04:57.191999Z", "2025-07-10T23:04:57.191Z"],
    ["2025-07-10 23:04:57", "2025-07-10T23:04:57.000Z"],
    ["2025-07-10T23:04:57+02:00", "2025-07-10T21:04:57.000Z"],
    ["2025-07-10T23:04-0530", "2025-07-11T04:34:00.000Z"],
    ["2024-02-29", "2024-02-29T00:00:00.000Z"],
  ])("reads %j as %j", (text, expected) => {
    expect(parseTimestamp(text).toISOString()).toBe(expected);
  });

  it.each(["", "yesterday", "1720652697", "2025-02-30", "2025-13-01", "2025-01-01T25:00:00Z", "10/07/2025"])(
    "refuses %j",
    (text) => {
      expect(() => parseTimestamp(text)).toThrow(/^timestamp /);
    },
  );
});

describe("parseBoolean", () => {
  it("reads True and False in any case, and an empty cell as unknown", () => {
    expect(["True", "false", ""].map((cell) => parseBoolean(cell, "frozen"))).toEqual([true, false, null]);
    expect(() => parseBoolean("yes", "frozen")).toThrow('frozen is neither True nor False: "yes"');
  });
});
