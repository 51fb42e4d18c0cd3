import { expect, test } from "vitest";
import { createRandom, randomFromState } from "./random.ts";

test("follows the reference implementation of xoshiro128**", () => {
  // Printed by the authors' C code, prng.di.unimi.it/xoshiro128starstar.c, with state {1, 2, 3, 4}.
  const random = randomFromState(Int32Array.of(1, 2, 3, 4));
  const values = Array.from({ length: 10 }, () => random.nextUint32());
  expect(values).toEqual([
    11520, 0, 5927040, 70819200, 2031721883, 1637235492, 1287239034, 3734860849, 3729100597, 4258142804,
  ]);
});

test("gives the same stream for the same seed and different streams for near seeds", () => {
  const first = (seed: number) => Array.from({ length: 4 }, createRandom(seed).nextUint32).join();
  const seeds = [0, 1, -1, 2 ** 32, 2 ** 32 + 1, Number.MAX_SAFE_INTEGER];
  expect(first(7)).toBe(first(7));
  expect(new Set(seeds.map(first)).size).toBe(seeds.length);
});

test("keeps floats in [0, 1) and integers below their bound, evenly spread", () => {
  const random = createRandom(3);
  const counts = new Array(6).fill(0);
  for (let draw = 0; draw < 60_000; draw++) counts[random.nextInt(6)]++;
  expect(counts).toHaveLength(6);
  // Five standard deviations of a binomial count.
  for (const count of counts) expect(Math.abs(count - 10_000)).toBeLessThan(5 * Math.sqrt(60_000 * (5 / 36)));
  for (let draw = 0; draw < 1000; draw++) {
    const value = random.nextFloat();
    expect(value >= 0 && value < 1).toBe(true);
  }
});

test.each([Number.NaN, 0.5, Number.POSITIVE_INFINITY, 2 ** 53])("refuses the seed %s", (seed) => {
  expect(() => createRandom(seed)).toThrow(expect.objectContaining({ code: "BAD_OPTION" }));
});
