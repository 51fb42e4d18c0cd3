import { expect, it } from "vitest";
import { sha256 as ofNode } from "./sha256.node.ts";
import { sha256 as ofBrowsers } from "./sha256.ts";

it("is the same in Node and elsewhere", () => {
  const parts = [new Uint8Array(), Uint8Array.of(1, 2, 3), new Uint8Array(1_000).fill(7)];
  expect(ofBrowsers(...parts)).toEqual(ofNode(...parts));
  expect(Buffer.from(ofBrowsers(Buffer.from("abc"))).toString("hex")).toBe(
    "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
  );
});
