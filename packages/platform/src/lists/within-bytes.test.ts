import { expect, it } from "vitest";
import { cutToBytes, pageBytesMax, rowsToRead } from "./within-bytes.ts";

const rows = (count: number, bytes: number) => Array.from({ length: count }, () => "x".repeat(bytes - 2));

it("asks for a row more than the limit, or than can fit", () => {
  expect(rowsToRead(10, 400)).toBe(11);
  expect(rowsToRead(1000, 1024)).toBe(97);
});

it("cuts to the rows that fit together, at least one, and knows when there may be more", () => {
  expect(cutToBytes(rows(5, 400), 11)).toEqual({ rows: rows(5, 400), isCut: false });
  expect(cutToBytes(rows(97, 1024), 97)).toEqual({ rows: rows(96, 1024), isCut: true });
  expect(cutToBytes(rows(2, pageBytesMax + 1), 11)).toEqual({ rows: rows(1, pageBytesMax + 1), isCut: true });
  expect(cutToBytes(rows(3, 10), 3)).toEqual({ rows: rows(3, 10), isCut: true });
});
