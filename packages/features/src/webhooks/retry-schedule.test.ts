import { expect, it } from "vitest";
import { attemptsMax, waitAfter } from "./retry-schedule.ts";

const hourMs = 60 * 60 * 1000;
const least = () => Uint8Array.of(0, 0, 0, 0);
const most = () => Uint8Array.of(255, 255, 255, 255);

function waits(randomBytes: () => Uint8Array): number[] {
  return Array.from(
    { length: attemptsMax - 1 },
    (_, index) => waitAfter(index + 1, randomBytes) ?? Number.NaN,
  );
}

it("tries twelve times over about a day, each time after a longer wait, give or take 15 %", () => {
  const sum = (list: readonly number[]) => list.reduce((total, wait) => total + wait, 0);
  expect(attemptsMax).toBe(12);
  expect(sum(waits(least))).toBeGreaterThan(20 * hourMs);
  expect(sum(waits(most))).toBeLessThan(28 * hourMs);
  for (const list of [waits(least), waits(most)]) expect(list).toEqual([...list].sort((a, b) => a - b));
  expect(waits(most).map((wait, index) => (wait / (waits(least)[index] ?? 1)).toFixed(2))).toEqual(
    Array.from({ length: 11 }, () => "1.35"),
  );
});

it("gives a delivery up after that", () => {
  expect(waitAfter(attemptsMax, most)).toBeUndefined();
});
