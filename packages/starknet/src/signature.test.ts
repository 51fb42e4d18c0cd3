import { expect, test } from "vitest";
import { feltPrime } from "./felt.ts";
import { parseSignature, signatureFeltsMax } from "./signature.ts";

test("keeps values and order, and writes them as the JSON-RPC schema wants", () => {
  expect(parseSignature(["0x00ff", "10", "0xA", "0x0"])).toEqual(["0xff", "0xa", "0xa", "0x0"]);
});

test("accepts 128 felts and refuses none, 129, and text that is not a felt", () => {
  expect(parseSignature(Array<string>(signatureFeltsMax).fill("0x1"))).toHaveLength(128);
  const refused = [
    [],
    Array<string>(signatureFeltsMax + 1).fill("0x1"),
    ["0x"],
    [""],
    ["r"],
    ["-1"],
    ["0b1"],
  ];
  for (const felts of [...refused, [`0x${feltPrime.toString(16)}`], [feltPrime.toString()]]) {
    expect(() => parseSignature(felts)).toThrow(
      expect.objectContaining({ code: "INVALID_SIGNATURE_FORMAT" }),
    );
  }
});
