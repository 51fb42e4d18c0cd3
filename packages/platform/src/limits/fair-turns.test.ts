import { DatabaseUnavailableError } from "@obsqra/db";
import { expect, it } from "vitest";
import { createFairTurns } from "./fair-turns.ts";

/** Work that ends when the test says so. */
function createTestTurns(options: { readonly atOnce: number; readonly waitMsMax?: number }) {
  const turns = createFairTurns({ waitMsMax: 60_000, ...options });
  const begun: string[] = [];
  const ends: (() => void)[] = [];
  const write = (owner: string) =>
    turns(owner, () => {
      begun.push(owner);
      return new Promise<void>((resolve) => ends.push(resolve));
    });
  const endOne = async () => {
    ends.shift()?.();
    for (let step = 0; step < 20; step += 1) await Promise.resolve();
  };
  return { turns, begun, write, endOne };
}

it("lets one piece of work of each caller go on at once, and no more of all than may", async () => {
  const { begun, write, endOne } = createTestTurns({ atOnce: 2 });
  const all = ["ada", "ada", "bob", "eve", "ada"].map(write);
  expect(begun).toEqual(["ada", "bob"]);
  await endOne();
  // Ada, who waits for longer, has her turn; then Eve, before Ada again.
  expect(begun).toEqual(["ada", "bob", "ada"]);
  await endOne();
  expect(begun).toEqual(["ada", "bob", "ada", "eve"]);
  for (let rest = 0; rest < 3; rest += 1) await endOne();
  await Promise.all(all);
  expect(begun).toEqual(["ada", "bob", "ada", "eve", "ada"]);
});

it("lets so much of each caller go on as may", async () => {
  const turns = createFairTurns({ atOnce: 3, ofEach: 2 });
  const begun: string[] = [];
  const ends: (() => void)[] = [];
  const all = ["ada", "ada", "ada", "bob"].map((caller) =>
    turns(caller, () => {
      begun.push(caller);
      return new Promise<void>((resolve) => ends.push(resolve));
    }),
  );
  expect(begun).toEqual(["ada", "ada", "bob"]);
  for (let end = ends.shift(); end !== undefined; end = ends.shift()) {
    end();
    for (let step = 0; step < 20; step += 1) await Promise.resolve();
  }
  await Promise.all(all);
  expect(begun).toEqual(["ada", "ada", "bob", "ada"]);
});

it("lets the next begin when one has failed", async () => {
  const turns = createFairTurns({ atOnce: 1 });
  const failed = turns("ada", () => Promise.reject(new Error("no")));
  const next = turns("bob", async () => "written");
  await expect(failed).rejects.toThrow("no");
  expect(await next).toBe("written");
});

it("refuses work whose turn does not come, and lets the others go on", async () => {
  const { turns, begun, write, endOne } = createTestTurns({ atOnce: 1, waitMsMax: 5 });
  const first = write("ada");
  await expect(write("bob")).rejects.toThrow(DatabaseUnavailableError);
  await endOne();
  await first;
  expect(await turns("eve", async () => "written")).toBe("written");
  expect(begun).toEqual(["ada"]);
});
