/** A clock that only moves when a test says so. */
export interface TestClock {
  (): Date;
  advance(milliseconds: number): void;
}

/** Starts at the given moment. */
export function createTestClock(start = "2026-01-15T12:00:00.000Z"): TestClock {
  let now = new Date(start).getTime();
  return Object.assign(() => new Date(now), {
    advance: (milliseconds: number) => {
      now += milliseconds;
    },
  });
}
