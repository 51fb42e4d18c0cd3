import { expect, it } from "vitest";
import { lookWhenWritten } from "./look-when-written.ts";

/** Looks whose outcomes are told beforehand; without one, nothing is left. */
function createLooks(writes: (() => number) | undefined) {
  const outcomes: (boolean | Error)[] = [];
  let [looks, now] = [0, 0];
  const look = lookWhenWritten(
    async () => {
      looks += 1;
      const outcome = outcomes.shift() ?? false;
      if (outcome instanceof Error) throw outcome;
      return outcome;
    },
    { writes, restMs: 100, now: () => now },
  );
  return {
    look,
    looks: () => looks,
    leave: (...next: readonly (boolean | Error)[]) => outcomes.push(...next),
    pass: (ms: number) => (now += ms),
  };
}

it("looks again only when something was written, or after a while", async () => {
  let written = 0;
  const { look, looks, pass } = createLooks(() => written);
  for (let count = 0; count < 3; count += 1) await look();
  expect(looks()).toBe(1);
  written += 1;
  for (let count = 0; count < 3; count += 1) await look();
  expect(looks()).toBe(2);
  pass(99);
  await look();
  expect(looks()).toBe(2);
  pass(1);
  for (let count = 0; count < 3; count += 1) await look();
  expect(looks()).toBe(3);
});

it("looks again after what was written while it looked", async () => {
  let written = 0;
  let looks = 0;
  const look = lookWhenWritten(
    async () => {
      looks += 1;
      if (looks === 1) written += 1;
      return false;
    },
    { writes: () => written },
  );
  for (let count = 0; count < 3; count += 1) await look();
  expect(looks).toBe(2);
});

it("looks each time while something is left for later, and after a failure", async () => {
  const { look, looks, leave } = createLooks(() => 7);
  leave(true, true, new Error("The database is away."));
  await look();
  await look();
  await expect(look()).rejects.toThrow("away");
  await look();
  await look();
  expect(looks()).toBe(4);
});

it("looks each time where others write, too", async () => {
  const { look, looks } = createLooks(undefined);
  await look();
  await look();
  expect(looks()).toBe(2);
});
