import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { createMemoryWindows } from "./memory-windows.ts";

beforeEach(() => void vi.useFakeTimers({ toFake: ["Date"] }));
afterEach(() => void vi.useRealTimers());

it("counts each key by itself, beyond the quota too, until its window ends", () => {
  const windows = createMemoryWindows({ quota: 3, windowSeconds: 60 });
  expect(windows.read("ada")).toBeNull();
  expect(windows.count("ada", 3)).toEqual({
    result: { remainingPoints: 0, msBeforeNext: 60_000 },
    isExceeded: false,
  });
  vi.setSystemTime(Date.now() + 59_999);
  expect(windows.count("ada", 2)).toEqual({
    result: { remainingPoints: 0, msBeforeNext: 1 },
    isExceeded: true,
  });
  expect(windows.count("eve", 1).result).toEqual({ remainingPoints: 2, msBeforeNext: 60_000 });
  vi.setSystemTime(Date.now() + 1);
  expect(windows.read("ada")).toBeNull();
  expect(windows.count("ada", 1).result).toEqual({ remainingPoints: 2, msBeforeNext: 60_000 });
});

it("begins anew after the clock was set back by days", () => {
  const windows = createMemoryWindows({ quota: 1, windowSeconds: 60 });
  windows.count("ada", 5);
  vi.setSystemTime(Date.now() - 2 * 86_400_000);
  expect(windows.count("ada", 1).isExceeded).toBe(false);
});

it("forgets windows that have ended, and no other, however many callers there are", () => {
  const windows = createMemoryWindows({ quota: 10, windowSeconds: 60 });
  for (let round = 0; round < 3; round += 1) {
    windows.count(`stays ${round}`, 4);
    for (let caller = 0; caller < 5_000; caller += 1) windows.count(`${round} ${caller}`, 1);
    expect(windows.read(`stays ${round}`)?.remainingPoints).toBe(6);
    vi.setSystemTime(Date.now() + 60_000);
  }
  // At most what one round brings, and as much again.
  expect(windows.size).toBeLessThanOrEqual(10_002);
});
