import { expect, it } from "vitest";
import { createFairQueue } from "./fair-queue.ts";

/** Work that ends when it is told to, and says when it begins. */
function createWork(begun: string[], name: string) {
  const end = Promise.withResolvers<string>();
  const work = () => {
    begun.push(name);
    return end.promise;
  };
  return { work, end: () => end.resolve(name), fail: () => end.reject(new Error(name)) };
}

it("lets owners take turns, whatever one of them has asked for before", async () => {
  const begun: string[] = [];
  const queue = createFairQueue(100);
  const pieces = ["a1", "a2", "a3", "a4", "b1", "b2", "c1"].map((name) => createWork(begun, name));
  const done = pieces.map(({ work }, index) => queue.add("aaaabbc".charAt(index), work));
  for (const { end } of pieces) end();
  expect(await Promise.all(done)).toEqual(["a1", "a2", "a3", "a4", "b1", "b2", "c1"]);
  expect(begun).toEqual(["a1", "a2", "b1", "c1", "a3", "b2", "a4"]);
});

it("does one piece at a time, and goes on after one that fails", async () => {
  const begun: string[] = [];
  const queue = createFairQueue(100);
  const first = createWork(begun, "first");
  const second = createWork(begun, "second");
  const failed = queue.add("a", first.work);
  const done = queue.add("a", second.work);
  expect(begun).toEqual(["first"]);
  first.fail();
  await expect(failed).rejects.toThrow("first");
  second.end();
  expect(await done).toBe("second");
});

it("takes no more than may wait, and some again when there is room", async () => {
  const queue = createFairQueue(2);
  const [running, ...waiting] = [1, 2, 3].map((number) => createWork([], String(number)));
  const added = [running, ...waiting].map((piece) => piece && queue.add("a", piece.work));
  expect(added.map((done) => done !== undefined)).toEqual([true, true, true]);
  expect(queue.add("b", async () => {})).toBeUndefined();
  for (const { end } of waiting) end();
  running?.end();
  await Promise.all(added);
  expect(await queue.add("b", async () => "now")).toBe("now");
});
