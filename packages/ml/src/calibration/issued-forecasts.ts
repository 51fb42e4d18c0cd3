import { at } from "../numbers.ts";
import { intervalLevels } from "./interval-levels.ts";

/** The forecasts of one day, waiting for their outcomes or calibrating later ones. */
export interface Issued {
  day: number;
  protocols: Int32Array;
  scales: Float64Array;
  moving: Uint8Array;
  /** (outcome − centre) / scale; NaN without an outcome. */
  residuals: Float64Array;
  /** Per forecast and level, 1 for an outcome outside the interval, 0 inside, NaN where there was no finite interval. */
  misses: Float64Array;
  /** Confidence before correction, NaN where nothing was known yet; and 1 where the outcome was within tolerance. */
  raw: Float64Array;
  within: Float64Array;
}

/** The forecasts that have an outcome. */
export function withOutcome(issued: Issued): Issued {
  const known = (_value: number, index: number) => !Number.isNaN(at(issued.residuals, index));
  return {
    ...issued,
    scales: issued.scales.filter(known),
    moving: issued.moving.filter(known),
    residuals: issued.residuals.filter(known),
    raw: issued.raw.filter(known),
    within: issued.within.filter(known),
  };
}

/** One array of all. */
export function concatenate(parts: readonly Float64Array[]): Float64Array {
  const joined = new Float64Array(parts.reduce((sum, { length }) => sum + length, 0));
  let start = 0;
  for (const part of parts) {
    joined.set(part, start);
    start += part.length;
  }
  return joined;
}

/** How many of some forecasts had a finite interval of a level, and how many outcomes missed it. */
export function missesOf(
  issued: Issued,
  members: readonly number[],
  level: number,
): { count: number; missed: number } {
  let count = 0;
  let missed = 0;
  for (const index of members) {
    const miss = at(issued.misses, index * intervalLevels.length + level);
    if (Number.isNaN(miss)) continue;
    count += 1;
    missed += miss;
  }
  return { count, missed };
}
