import { setImmediate } from "node:timers/promises";
import { expect, it } from "vitest";
import { shareReadings } from "./share-readings.ts";

it("reads once for all who ask before a reading begins, and after a pause for those who ask later", async () => {
  let readings = 0;
  const pauses: (() => void)[] = [];
  const pause = () => new Promise<void>((resolve) => void pauses.push(resolve));
  const text = shareReadings(async () => (readings += 1), pause);
  expect(await Promise.all([text(), text(), text()])).toEqual([1, 1, 1]);
  const later = Promise.all([text(), text()]);
  await setImmediate();
  expect(readings).toBe(1);
  pauses.shift()?.();
  expect(await later).toEqual([2, 2]);
});

it("goes on after a reading that failed, which all who waited for it hear of", async () => {
  let readings = 0;
  const read = async () => {
    readings += 1;
    if (readings === 1) throw new Error("The database is gone.");
    return readings;
  };
  const text = shareReadings(read, async () => {});
  const results = await Promise.allSettled([text(), text()]);
  expect(results.map(({ status }) => status)).toEqual(["rejected", "rejected"]);
  expect(await text()).toBe(2);
});
