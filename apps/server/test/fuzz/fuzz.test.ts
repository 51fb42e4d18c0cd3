import { expect, it } from "vitest";
import { openTestTarget } from "./open-test-target.ts";
import { runFuzz } from "./run-fuzz.ts";
import { createTally } from "./tally.ts";

/** Found nothing so far: a failure with it is news. */
const fixedSeed = 20261123;

it("keeps every promise to users who do anything in any order, and answers hostile clients only as declared", async () => {
  await using target = await openTestTarget();
  const tally = createTally();
  const randomSeed = Math.floor(Math.random() * 2 ** 31);
  process.stdout.write(`Fuzzing with the seeds ${fixedSeed} and ${randomSeed}\n`);
  for (const seed of [fixedSeed, randomSeed]) {
    await runFuzz({ target, tally, seed, stories: storiesPerSeed, shrinksMax: 20 });
  }
  process.stdout.write(`Fuzzed with ${tally.calls} calls\n`);
  expect(tally.calls).toBeGreaterThan(callsMin);
}, 300_000);

const storiesPerSeed = 13;
const callsMin = 600;
