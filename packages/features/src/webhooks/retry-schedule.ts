const secondMs = 1_000;
const minuteMs = 60 * secondMs;
const hourMs = 60 * minuteMs;

/** Waits between attempts: together 23 hours and 43 minutes. */
const waitsMs = [
  5 * secondMs,
  30 * secondMs,
  2 * minuteMs,
  10 * minuteMs,
  30 * minuteMs,
  hourMs,
  2 * hourMs,
  4 * hourMs,
  5 * hourMs,
  5 * hourMs,
  6 * hourMs,
];

/** So much of a wait is added or taken away, so that what has failed together does not come back together. */
const jitter = 0.15;

/** How often a delivery is tried before it is dead. */
export const attemptsMax = waitsMs.length + 1;

/** No wait is longer, in milliseconds. */
export const waitMsMax = Math.max(...waitsMs) * (1 + jitter);

/**
 * How long to wait after a failed attempt, in milliseconds.
 *
 * @param attempts how many there were, from 1
 * @returns undefined after the last one
 */
export function waitAfter(attempts: number, randomBytes: (size: number) => Uint8Array): number | undefined {
  const waitMs = waitsMs[attempts - 1];
  if (waitMs === undefined) return undefined;
  const random = Buffer.from(randomBytes(4)).readUInt32BE() / 0xffff_ffff;
  return Math.round(waitMs * (1 - jitter + 2 * jitter * random));
}
