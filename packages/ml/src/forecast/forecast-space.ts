import { square } from "../deterministic-math.ts";
import { clamp, signedExp, signedLog } from "../numbers.ts";

/** The two things that are forecast. */
export type ModelKind = "risk" | "yield";

/**
 * The space a quantity is modelled in and the values it can take. Risk: the identity on [0, 100]. Yield:
 * signed log of the percentage, so that errors at 2 % and at 200 % are comparable.
 */
export interface ForecastSpace {
  kind: ModelKind;
  /** Smallest and largest possible outcome, in natural units. */
  low: number;
  high: number;
}

/** The range that holds the outcome with probability `level`, in natural units. */
export interface Interval {
  level: number;
  lower: number;
  upper: number;
  /** True when too few outcomes are known for a finite interval: the bounds are the domain's. */
  unbounded: boolean;
}

/** A forecast with its intervals and the probability that it is about right, all in natural units. */
export interface Distribution {
  value: number;
  /** By ascending level; each contains the previous one. */
  intervals: Interval[];
  confidence: number;
  confidenceTolerance: number;
}

/** Natural units to the modelled space. */
export function forward(space: ForecastSpace, value: number): number {
  return space.kind === "risk" ? value : signedLog(value);
}

/** The modelled space to natural units, limited to the possible outcomes. */
export function inverse(space: ForecastSpace, value: number): number {
  return clamp(space.kind === "risk" ? value : signedExp(value), space.low, space.high);
}

/** Natural units, times (level / (1 - level))²: at 90 %, ± 0.001 percentage points of APY, and ± 0.01 points of the score. */
const halfWidthMin = { yield: 0.001 / 81, risk: 0.01 / 81 } as const;

/**
 * The interval centre ± halfWidth, mapped back to natural units. It is never narrower than what a value that has not moved in all
 * that is known of it still may do: that nothing was seen is not certainty.
 */
export function intervalAt(
  space: ForecastSpace,
  point: { centre: number; halfWidth: number },
  level: number,
): Interval {
  const value = inverse(space, point.centre);
  const least = halfWidthMin[space.kind] * square(level / (1 - level));
  return {
    level,
    lower: Math.min(inverse(space, point.centre - point.halfWidth), Math.max(space.low, value - least)),
    upper: Math.max(inverse(space, point.centre + point.halfWidth), Math.min(space.high, value + least)),
    unbounded: point.halfWidth === Number.POSITIVE_INFINITY,
  };
}
