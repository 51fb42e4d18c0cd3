import { expect, inject, it } from "vitest";
import { openTestTarget } from "./open-test-target.ts";
import { runFuzz } from "./run-fuzz.ts";
import { createTally } from "./tally.ts";

it("keeps every promise to users who do anything in any order, and responds to hostile clients only as declared", async () => {
  await using target = await openTestTarget();
  const tally = createTally();
  await runFuzz({ target, tally, seed: inject("seed"), stories, shrinksMax: 20 });
  expect(tally.calls).toBeGreaterThan(callsMin);
}, 900_000);

const { stories, callsMin } = inject("isLong")
  ? { stories: 100, callsMin: 3_000 }
  : { stories: 2, callsMin: 20 };
