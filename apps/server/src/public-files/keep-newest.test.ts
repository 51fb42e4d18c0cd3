import { expect, it } from "vitest";
import { keepNewest } from "./keep-newest.ts";

const bytesOf = (value: string) => value.length;

function open(bytesMax: number, files: Readonly<Record<string, string>>) {
  const reads: string[] = [];
  const get = keepNewest(bytesMax, bytesOf, async (name) => {
    reads.push(name);
    if (name === "broken") throw new Error("It cannot be read.");
    return files[name];
  });
  return { get, reads };
}

it("reads once for many who ask at the same time, and not again while there is room", async () => {
  const { get, reads } = open(10, { a: "aaaa" });
  expect(await Promise.all([get("a"), get("a"), get("a")])).toEqual(["aaaa", "aaaa", "aaaa"]);
  expect(await get("a")).toBe("aaaa");
  expect(reads).toEqual(["a"]);
});

it("forgets what was asked for least lately, and keeps nothing that is too large", async () => {
  const { get, reads } = open(10, { a: "aaaa", b: "bbbb", c: "cccc", large: "x".repeat(11) });
  for (const name of ["a", "b", "a", "c", "a", "b", "large", "large"]) await get(name);
  expect(reads).toEqual(["a", "b", "c", "b", "large", "large"]);
});

it("keeps neither a failure nor what is not there", async () => {
  const { get, reads } = open(10, {});
  for (let time = 0; time < 2; time += 1) {
    await expect(get("broken")).rejects.toThrow("It cannot be read.");
    expect(await get("missing")).toBeUndefined();
  }
  expect(reads).toEqual(["broken", "missing", "broken", "missing"]);
});
