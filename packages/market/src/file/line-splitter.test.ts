import fc from "fast-check";
import { expect, it } from "vitest";
import { createLineSplitter, lineCharactersMax } from "./line-splitter.ts";

function split(text: string, chunkSize: number): (string | undefined)[] {
  return splitBytes(new TextEncoder().encode(text), chunkSize);
}

function splitBytes(bytes: Uint8Array, chunkSize: number): (string | undefined)[] {
  const splitter = createLineSplitter();
  const lines = [];
  for (let start = 0; start < bytes.length; start += chunkSize) {
    lines.push(...splitter.push(bytes.subarray(start, start + chunkSize)));
  }
  lines.push(...splitter.end());
  expect(lines.map(({ number }) => number)).toEqual(lines.map((_, index) => index + 1));
  return lines.map((line) => line.text);
}

it.each([1, 2, 3, 1000])("splits at LF, CRLF and CR and drops a byte-order mark, in chunks of %d", (size) => {
  expect(split("\uFEFFa,b\r\nc,d\n\ne\rf\r\rg\r", size)).toEqual(["a,b", "c,d", "", "e", "f", "", "g"]);
});

it.each([
  ["little", 1],
  ["big", 1],
  ["little", 7],
] as const)("reads UTF-16, %s end first, that says so, in chunks of %d", (order, size) => {
  const bytes = Buffer.from("\uFEFFé,😀\r\nb,c\n", "utf16le");
  expect(splitBytes(order === "little" ? bytes : bytes.swap16(), size)).toEqual(["é,😀", "b,c"]);
});

it("gives the same lines whatever the chunks are", () => {
  const line = fc
    .string({ unit: "grapheme", maxLength: 20 })
    .map((text) => text.replaceAll(/[\r\n\uFEFF]/g, ""));
  fc.assert(
    fc.property(fc.array(line, { minLength: 1 }), fc.integer({ min: 1, max: 50 }), (lines, chunkSize) => {
      expect(split(`${lines.join("\n")}\n`, chunkSize)).toEqual(lines);
    }),
  );
});

it("passes on an overlong line without its text, and the lines after it", () => {
  const overlong = "x".repeat(3 * lineCharactersMax);
  expect(split(`a\n${overlong}\nb`, 10_000)).toEqual(["a", undefined, "b"]);
});
