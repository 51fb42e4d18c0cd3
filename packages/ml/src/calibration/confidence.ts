import type { ForecastSpace, ModelKind } from "../forecast/forecast-space.ts";
import { forward, inverse } from "../forecast/forecast-space.ts";
import type { ConfidenceKnot } from "./confidence-map.ts";
import { correctedConfidence } from "./confidence-map.ts";
import type { CalibrationGroup } from "./conformal.ts";
import { coveredShare } from "./conformal.ts";

/** Risk confidence: within ± this many score points. */
const riskTolerancePoints = 5;
/** Yield confidence: within ± this many percentage points … */
const yieldTolerancePoints = 1;
/** … or ± this share of the forecast, whichever is wider. */
const yieldToleranceShare = 0.1;

/**
 * What the `confidence` of every forecast means. Served with the API, tested on synthetic and real data.
 */
export const confidenceDefinition =
  `Probability that the actual value falls within the stated tolerance of the forecast: ${riskTolerancePoints} ` +
  `score points for risk; ${yieldTolerancePoints} percentage point or ${yieldToleranceShare * 100} % of the ` +
  "forecast, whichever is wider, for yield. Measured as k / (n + 1): of n past walk-forward forecasts, none of " +
  "which saw its outcome, k had an error within the tolerance after scaling it to this market's uncertainty; then " +
  "corrected by the share of past forecasts of that probability that did come true.";

/** The probability that an outcome is within tolerance of a forecast; see `confidenceDefinition`. */
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

/** The ± tolerance that a forecast's confidence speaks of, in natural units. */
function confidenceTolerance(kind: ModelKind, value: number): number {
  return kind === "risk"
    ? riskTolerancePoints
    : Math.max(yieldTolerancePoints, yieldToleranceShare * Math.abs(value));
}
