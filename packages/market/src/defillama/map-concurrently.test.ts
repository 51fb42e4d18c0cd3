import fc from "fast-check";
import { expect, it } from "vitest";
import { mapConcurrently } from "./map-concurrently.ts";

it("gives the results in the order of the items, with no more at a time than allowed", async () => {
  const task = fc.record({ items: fc.array(fc.nat()), concurrency: fc.integer({ min: 1, max: 8 }) });
  await fc.assert(
    fc.asyncProperty(task, fc.scheduler(), async ({ items, concurrency }, scheduler) => {
      let running = 0;
      let most = 0;
      const results = mapConcurrently(items, concurrency, async (item) => {
        running += 1;
        most = Math.max(most, running);
        await scheduler.schedule(Promise.resolve());
        running -= 1;
        return item * 2;
      });
      await scheduler.waitFor(results);
      expect(await results).toEqual(items.map((item) => item * 2));
      expect(most).toBeLessThanOrEqual(concurrency);
    }),
  );
});

it("starts nothing new after a failure and rejects with it", async () => {
  const started: number[] = [];
  const failure = new Error("second");
  const result = mapConcurrently([1, 2, 3, 4, 5], 2, async (item) => {
    started.push(item);
    if (item === 2) {
      throw failure;
    }
    await Promise.resolve();
  });
  await expect(result).rejects.toBe(failure);
  expect(started).toEqual([1, 2]);
});
