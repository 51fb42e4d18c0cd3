import { describe, expect, test } from "vitest";
import { canonicalFelt, feltPrime, parseFelt, parseTransactionHash } from "./felt.ts";

describe("felts", () => {
  test("reads hex below the prime and writes one canonical spelling", () => {
    expect(parseFelt("0x56414c4944")).toBe(370462705988n);
    expect(canonicalFelt("0xAb")).toBe(`0x${"0".repeat(62)}ab`);
    expect(canonicalFelt("0x0")).toBe(`0x${"0".repeat(64)}`);
    expect(parseFelt(`0x${(feltPrime - 1n).toString(16)}`)).toBe(feltPrime - 1n);
  });

  test.each(["", "0x", "12", "0X1", "-0x1", "0x1g", `0x${"0".repeat(65)}`, `0x${feltPrime.toString(16)}`])(
    "refuses %j",
    (text) => {
      expect(() => parseFelt(text)).toThrow(expect.objectContaining({ code: "INVALID_FELT" }));
    },
  );
});

describe("transaction hashes", () => {
  test("are canonical felts", () => {
    expect(parseTransactionHash("0x64f9F")).toBe(`0x${"0".repeat(59)}64f9f`);
  });

  test.each(["0x0", "0x00", "", "hash", `0x${feltPrime.toString(16)}`])("refuses %j", (text) => {
    expect(() => parseTransactionHash(text)).toThrow(
      expect.objectContaining({ code: "INVALID_TRANSACTION_HASH" }),
    );
  });
});
