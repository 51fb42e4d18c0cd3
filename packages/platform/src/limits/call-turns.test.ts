import { expect, it } from "vitest";
import { createCallTurns } from "./call-turns.ts";

/** Turns over a clock and an event loop that the test moves on. */
function createTestTurns(options: { readonly atOnce?: number } = {}) {
  let time = 0;
  let callbacks: (() => void)[] = [];
  const turns = createCallTurns({
    sliceMs: 5,
    ...options,
    now: () => time,
    nextRound: (callback) => void callbacks.push(callback),
  });
  const begun: string[] = [];
  /** A call that takes so long once it begins. */
  const call = async (caller: string, ms: number) => {
    await turns.begin(caller);
    begun.push(caller);
    time += ms;
  };
  const nextRound = async () => {
    const due = callbacks;
    callbacks = [];
    for (const callback of due) callback();
    await settle();
  };
  return { turns, begun, call, nextRound };
}

/** Until all that can go on has. */
async function settle(): Promise<void> {
  for (let step = 0; step < 20; step += 1) await Promise.resolve();
}

it("lets light calls begin at once", async () => {
  const { call, begun, turns } = createTestTurns();
  expect(turns.begin("ada")).toBeUndefined();
  for (let number = 0; number < 40; number += 1) await call("ada", 0.1);
  expect(begun).toHaveLength(40);
});

it("lets heavy calls begin one by one, a round of the event loop for each", async () => {
  const { call, begun, nextRound } = createTestTurns();
  for (const caller of ["ada", "ada", "ada", "ada"]) {
    void call(caller, 20);
    await settle();
  }
  expect(begun).toHaveLength(1);
  for (const expected of [2, 3, 4]) {
    await nextRound();
    expect(begun).toHaveLength(expected);
  }
});

it("lets as many light calls begin in a round as a slice has room for", async () => {
  let time = 0;
  let rounds: (() => void)[] = [];
  const turns = createCallTurns({
    sliceMs: 5,
    now: () => time,
    nextRound: (callback) => void rounds.push(callback),
  });
  const begun: number[] = [];
  const call = async (ms: number) => {
    await turns.begin("ada");
    begun.push(ms);
    time += ms;
  };
  await call(20);
  const calls = [1, 1, 1, 1, 1, 1, 1].map(call);
  const nextRound = async () => {
    const due = rounds;
    rounds = [];
    for (const callback of due) callback();
    // Until Node's next round.
    await new Promise(setImmediate);
  };
  await nextRound();
  expect(begun).toEqual([20, 1, 1, 1, 1, 1]);
  await nextRound();
  await Promise.all(calls);
  expect(begun).toHaveLength(8);
});

it("lets callers take turns, however many calls one of them has made before", async () => {
  const { call, begun, nextRound } = createTestTurns();
  for (const caller of ["ada", ...Array.from({ length: 50 }, () => "ada"), "eve", "bob", "eve"]) {
    void call(caller, 20);
    await settle();
  }
  for (let round = 0; round < 5; round += 1) await nextRound();
  expect(begun).toEqual(["ada", "ada", "eve", "bob", "ada", "eve"]);
});

it("begins at once again when nobody waits any more", async () => {
  const { call, begun, nextRound, turns } = createTestTurns();
  void call("ada", 20);
  await settle();
  void call("ada", 0);
  await nextRound();
  await nextRound();
  expect(begun).toHaveLength(2);
  expect(turns.begin("ada")).toBeUndefined();
});

it("has only so many calls of an owner under way, and does the others later, failures or not", async () => {
  const { turns, nextRound } = createTestTurns({ atOnce: 2 });
  const ends = Array.from({ length: 5 }, () => Promise.withResolvers<number>());
  const begun: number[] = [];
  const results = ends.map(({ promise }, number) =>
    turns.inTurn("ada", () => {
      begun.push(number);
      return promise;
    }),
  );
  await settle();
  expect(begun).toEqual([0, 1]);
  let isServed = false;
  void turns.inTurn("eve", async () => {
    isServed = true;
  });
  await settle();
  expect(isServed).toBe(true);
  ends[1]?.reject(new Error("It fails."));
  await expect(results[1]).rejects.toThrow("It fails.");
  await nextRound();
  expect(begun).toEqual([0, 1, 2]);
  for (const { resolve } of ends) resolve(7);
  expect(await Promise.all(results.filter((_, number) => number !== 1))).toEqual([7, 7, 7, 7]);
  expect(begun).toEqual([0, 1, 2, 3, 4]);
});
