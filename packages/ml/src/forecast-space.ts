import type { ConfidenceKnot } from "./confidence-map.ts";
import { correctedConfidence } from "./confidence-map.ts";
import type { CalibrationGroup } from "./conformal.ts";
import { coveredShare } from "./conformal.ts";
import { clamp, signedExp, signedLog } from "./numbers.ts";

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
  /** By ascending level; each contains the one before. */
  intervals: Interval[];
  confidence: number;
  confidenceTolerance: number;
}

/** Risk confidence: within ± this many score points. */
export const RISK_TOLERANCE_POINTS = 5;
/** Yield confidence: within ± this many percentage points … */
export const YIELD_TOLERANCE_POINTS = 1;
/** … or ± this share of the forecast, whichever is wider. */
export const YIELD_TOLERANCE_SHARE = 0.1;

/** Natural units to the modelled space. */
export function forward(space: ForecastSpace, value: number): number {
  return space.kind === "risk" ? value : signedLog(value);
}

/** The modelled space to natural units, limited to the possible outcomes. */
export function inverse(space: ForecastSpace, value: number): number {
  return clamp(space.kind === "risk" ? value : signedExp(value), space.low, space.high);
}

/** The ± tolerance that a forecast's confidence speaks of, in natural units. */
function confidenceTolerance(kind: ModelKind, value: number): number {
  return kind === "risk"
    ? RISK_TOLERANCE_POINTS
    : Math.max(YIELD_TOLERANCE_POINTS, YIELD_TOLERANCE_SHARE * Math.abs(value));
}

/** The interval centre ± halfWidth, mapped back to natural units. */
export function intervalAt(
  space: ForecastSpace,
  point: { centre: number; halfWidth: number },
  level: number,
): Interval {
  return {
    level,
    lower: inverse(space, point.centre - point.halfWidth),
    upper: inverse(space, point.centre + point.halfWidth),
    unbounded: point.halfWidth === Number.POSITIVE_INFINITY,
  };
}

/** The probability that an outcome is within tolerance of a forecast; see `CONFIDENCE_DEFINITION`. */
export interface Confidence {
  tolerance: number;
  /** As the past errors of similar forecasts say. */
  raw: number;
  /** As past forecasts of this raw confidence turned out. */
  corrected(knots: readonly ConfidenceKnot[]): number;
}

/** The confidence of a point, from the errors of forecasts of similar scale. */
export function confidenceAt(
  space: ForecastSpace,
  point: { centre: number; scale: number },
  group: CalibrationGroup,
): Confidence {
  const { centre, scale } = point;
  const value = inverse(space, centre);
  const tolerance = confidenceTolerance(space.kind, value);
  // Outcomes never leave the domain, so a tolerance that reaches its edge covers everything beyond it.
  const within = (edge: number) => (forward(space, edge) - centre) / scale;
  const low = value - tolerance <= space.low ? Number.NEGATIVE_INFINITY : within(value - tolerance);
  const high = value + tolerance >= space.high ? Number.POSITIVE_INFINITY : within(value + tolerance);
  const raw = coveredShare(group, low, high);
  return { tolerance, raw, corrected: (knots) => correctedConfidence(knots, raw) };
}
