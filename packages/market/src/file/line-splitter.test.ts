import fc from "fast-check";
import { expect, it } from "vitest";
import { createLineSplitter, lineCharactersMax } from "./line-splitter.ts";

function split(text: string, chunkSize: number): (string | undefined)[] {
  const bytes = new TextEncoder().encode(text);
  const splitter = createLineSplitter();
  const lines = [];
  for (let start = 0; start < bytes.length; start += chunkSize) {
    lines.push(...splitter.push(bytes.subarray(start, start + chunkSize)));
  }
  lines.push(...splitter.end());
  expect(lines.map(({ number }) => number)).toEqual(lines.map((_, index) => index + 1));
  return lines.map((line) => line.text);
}

it("splits at LF and CRLF and drops a byte-order mark", () => {
  expect(split("\uFEFFa,b\r\nc,d\n\ne", 1)).toEqual(["a,b", "c,d", "", "e"]);
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
