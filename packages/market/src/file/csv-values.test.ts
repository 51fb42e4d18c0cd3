import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { splitCsvLine } from "./csv-dialect.ts";
import { parseBoolean, parseNumber, parseTimestamp } from "./csv-values.ts";
import { RowError } from "./row-error.ts";

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

  it.each([
    "abc",
    "1,5,6",
    "0x10",
    "1e",
    "--1",
    "1 2",
    "1,",
    "1,23,456",
    "1.2.3",
    "12 34",
    "1 234 5",
    "1'234 567",
    "5 %",
    "$5",
  ])("refuses %j", (text) => {
    expect(() => parseNumber(text, "apy")).toThrow(/^apy is not a number: /);
  });

  it.each(["", " ", "NULL", "\\N", "<nil>", "None", "NA", "#N/A"])("takes %j for unknown", (text) => {
    expect(parseNumber(text, "apy")).toBeNull();
  });

  it.each([
    ["1,5", 1.5],
    ["0,123", 0.123],
    ["1234,567", 1234.567],
    ["1.234,5", 1234.5],
    ["1,234.5", 1234.5],
    ["1,234,567", 1_234_567],
    ["1.234.567", 1_234_567],
    ["20'102'286.5", 20_102_286.5],
    ["1’234", 1_234],
    ["20 102 286", 20_102_286],
    ["20\u202f102,286", 20_102.286],
    ["-1\u00a0234,5", -1_234.5],
    ["-1,5e-3", -0.0015],
    ["-0", 0],
  ])("reads %j, which can only be %d", (text, value) => {
    expect(parseNumber(text, "apy")).toBe(value);
  });

  it("reads what could be two numbers only where the file has shown which", () => {
    expect(() => parseNumber("1,234", "apy")).toThrow(
      'apy can be read in two ways: "1,234"; write a decimal point',
    );
    expect(parseNumber("1,234", "apy", ",")).toBe(1.234);
    expect(() => parseNumber("1.234", "apy", ",")).toThrow("apy can be read in two ways");
    expect(parseNumber("1.234", "apy")).toBe(1.234);
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
    ["2025-07-10 23:04:57.191 UTC", "2025-07-10T23:04:57.191Z"],
    ["2025-07-10 23:04 UTC", "2025-07-10T23:04:00.000Z"],
    ["2025-07-10 23:04:57.191999+00", "2025-07-10T23:04:57.191Z"],
    ["2025-07-10 23:04:57+05:30", "2025-07-10T17:34:57.000Z"],
    ["2025-07-10 23:04:57-03", "2025-07-11T02:04:57.000Z"],
    ["2025-07-10 23:04:57 +0000 UTC", "2025-07-10T23:04:57.000Z"],
    ["2025-07-10t23:04:57z", "2025-07-10T23:04:57.000Z"],
    ["2025/07/10 23:04", "2025-07-10T23:04:00.000Z"],
    ["20250710", "2025-07-10T00:00:00.000Z"],
    ["20250710T2304Z", "2025-07-10T23:04:00.000Z"],
    ["20250710T230457", "2025-07-10T23:04:57.000Z"],
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

describe("a timestamp that cannot be read", () => {
  it.each([
    ["1720652697", "is a Unix time"],
    ["1720652697123", "is a Unix time"],
    ["45848.96", "is a spreadsheet's day number"],
    ["7/10/2025 23:04", "does not say which number is the month"],
    ["10.07.2025", "does not say which number is the month"],
    ["2025-07-10 23:04:57 CET", "is not ISO 8601; write it as"],
    ["2025-07-10 11:04 PM", "is not ISO 8601; write it as"],
    ["20250230", "does not exist"],
  ])("%j: %s", (text, complaint) => {
    expect(() => parseTimestamp(text)).toThrow(complaint);
  });
});

describe("parseBoolean", () => {
  it("reads True and False in any case, also as databases write them, and an empty cell as unknown", () => {
    expect(
      ["True", "false", "t", "f", "1", "0", "", "\\N"].map((cell) => parseBoolean(cell, "frozen")),
    ).toEqual([true, false, true, false, true, false, null, null]);
    expect(() => parseBoolean("yes", "frozen")).toThrow('frozen is neither True nor False: "yes"');
  });
});
