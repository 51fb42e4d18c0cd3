import { describe, expect, it } from "vitest";
import { startBackground } from "./background.ts";

/** Pauses that a test ends, and what was logged. */
function createTestDependencies() {
  const pauses: { readonly milliseconds: number; readonly end: () => void }[] = [];
  const waiters: (() => void)[] = [];
  const logged: object[] = [];
  return {
    logged,
    pauses,
    log: { error: (facts: object) => void logged.push(facts) },
    pause: (milliseconds: number, signal: AbortSignal) => {
      const { promise, resolve, reject } = Promise.withResolvers<void>();
      if (signal.aborted) reject(signal.reason);
      signal.addEventListener("abort", () => reject(signal.reason), { once: true });
      pauses.push({ milliseconds, end: resolve });
      for (const wake of waiters.splice(0)) wake();
      return promise;
    },
    /** Waits until there were so many pauses; ends the last and gives its length. */
    endPause: async (count: number): Promise<number | undefined> => {
      while (pauses.length < count) {
        const { promise, resolve } = Promise.withResolvers<void>();
        waiters.push(resolve);
        await promise;
      }
      pauses.at(-1)?.end();
      return pauses.at(-1)?.milliseconds;
    },
  };
}

it("runs a job at once, and again at its rhythm", async () => {
  const deps = createTestDependencies();
  let runs = 0;
  await using background = startBackground(
    [
      {
        name: "count",
        everyMs: 1000,
        run: async () => {
          runs += 1;
        },
      },
    ],
    deps,
  );
  for (const count of [1, 2, 3]) {
    expect(await deps.endPause(count)).toBe(1000);
    expect(runs).toBe(count);
  }
  await background.close();
});

it("does not begin a run while the previous one goes on, and holds up no other job", async () => {
  const deps = createTestDependencies();
  let slowRuns = 0;
  const slow = Promise.withResolvers<void>();
  const run = async () => {
    slowRuns += 1;
    await slow.promise;
  };
  await using background = startBackground(
    [
      { name: "slow", everyMs: 1, run },
      { name: "quick", everyMs: 1000, run: async () => {} },
    ],
    deps,
  );
  for (const count of [1, 2, 3]) await deps.endPause(count);
  expect(slowRuns).toBe(1);
  expect(deps.pauses.map(({ milliseconds }) => milliseconds)).toEqual([1000, 1000, 1000]);
  slow.resolve();
  await background.close();
});

it("logs a failure and goes on, ever more seldom until a run succeeds", async () => {
  const deps = createTestDependencies();
  const expected = [2000, 4000, 8000, 16_000, 32_000, 60_000, 60_000];
  let runs = 0;
  const run = async () => {
    runs += 1;
    if (runs <= expected.length) throw new Error("away");
  };
  await using background = startBackground([{ name: "fails", everyMs: 1000, run }], deps);
  for (const [index, milliseconds] of expected.entries()) {
    expect(await deps.endPause(index + 1)).toBe(milliseconds);
  }
  expect(await deps.endPause(expected.length + 1)).toBe(1000);
  expect(deps.logged).toHaveLength(expected.length);
  expect(deps.logged[0]).toEqual({ err: new Error("away"), job: "fails" });
  await background.close();
});

it("does not run an hourly job more often because it fails", async () => {
  const deps = createTestDependencies();
  const hourMs = 3_600_000;
  const run = () => Promise.reject(new Error("away"));
  await using background = startBackground([{ name: "hourly", everyMs: hourMs, run }], deps);
  expect([await deps.endPause(1), await deps.endPause(2)]).toEqual([hourMs, hourMs]);
  await background.close();
});

describe("close", () => {
  it("tells the running job, waits for it, and starts none again", async () => {
    const deps = createTestDependencies();
    const finish = Promise.withResolvers<void>();
    const begun = Promise.withResolvers<AbortSignal>();
    let runs = 0;
    const run = async (signal: AbortSignal) => {
      runs += 1;
      begun.resolve(signal);
      await finish.promise;
    };
    const background = startBackground([{ name: "slow", everyMs: 1, run }], deps);
    const signal = await begun.promise;
    let isClosed = false;
    const closing = background.close().then(() => {
      isClosed = true;
    });
    expect(signal.aborted).toBe(true);
    await Promise.resolve();
    expect(isClosed).toBe(false);
    finish.resolve();
    await closing;
    await background.close();
    expect([runs, deps.logged]).toEqual([1, []]);
  });

  it("does not wait for the end of a pause, with the real timer either", async () => {
    const { log, logged } = createTestDependencies();
    const ran = Promise.withResolvers<void>();
    const run = async () => ran.resolve();
    const background = startBackground([{ name: "hourly", everyMs: 3_600_000, run }], { log });
    await ran.promise;
    await background.close();
    expect(logged).toEqual([]);
  });
});
