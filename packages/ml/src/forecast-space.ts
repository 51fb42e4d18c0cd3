import { correctedConfidence } from "./confidence-map.ts";
import type { Calibration } from "./conformal.ts";
import { calibrationGroup, conformalQuantile, coveredShare } from "./conformal.ts";
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

/** A forecast with its interval and the probability that it is about right, all in natural units. */
export interface Distribution {
  value: number;
  lower: number;
  upper: number;
  confidence: number;
  confidenceTolerance: number;
  /** True when too few calibration residuals exist for a finite interval: the bounds are the domain's. */
  unbounded: boolean;
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

/**
 * Turns a point in the modelled space into a forecast. Interval: point ± q·scale mapped back, q the conformal
 * quantile; see `conformal.ts`. Confidence: see `CONFIDENCE_DEFINITION`.
 */
export function distributionAt(
  space: ForecastSpace,
  point: { centre: number; scale: number },
  calibration: Calibration,
  level: number,
): Distribution {
  const { centre, scale } = point;
  const value = inverse(space, centre);
  const group = calibrationGroup(calibration, scale);
  const halfWidth = conformalQuantile(group.scores, level) * scale;
  const tolerance = confidenceTolerance(space.kind, value);
  // Outcomes never leave the domain, so a tolerance that reaches its edge covers everything beyond it.
  const within = (edge: number) => (forward(space, edge) - centre) / scale;
  const low = value - tolerance <= space.low ? Number.NEGATIVE_INFINITY : within(value - tolerance);
  const high = value + tolerance >= space.high ? Number.POSITIVE_INFINITY : within(value + tolerance);
  return {
    value,
    lower: inverse(space, centre - halfWidth),
    upper: inverse(space, centre + halfWidth),
    confidence: correctedConfidence(calibration.knots, coveredShare(group, low, high)),
    confidenceTolerance: tolerance,
    unbounded: halfWidth === Number.POSITIVE_INFINITY,
  };
}
