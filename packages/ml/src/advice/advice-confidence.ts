import { normalQuantile } from "../allocation/normal.ts";

/** What the confidence of a suggestion means. */
export const adviceConfidenceDefinition =
  "Probability that the suggested move earns more than staying, net of costs, as measured on suggestions that were followed in a walk-forward over past data";

/** Less confident moves are not suggested. */
export const moveConfidenceMin = 0.7;

/** How often moves of a raw confidence came out ahead of holding, in the walk-forward; by ascending raw confidence. */
interface MeasuredBin {
  readonly from: number;
  /** Days apart by the horizon or more, so that outcomes do not overlap. */
  readonly n: number;
  readonly beat: number;
}

/** Replaced by what `pnpm evaluate --advice` measures. */
const measured: readonly MeasuredBin[] = [];

/**
 * The measured probability for a raw one, `(beat + 1) / (n + 2)` of its bin: never nearer to certainty than its number of
 * outcomes allows (Laplace's rule of succession). Of what was never measured, a half.
 */
export function adviceConfidence(raw: number): number {
  const bin = measured.findLast(({ from }) => raw >= from);
  return bin === undefined ? raw : (bin.beat + 1) / (bin.n + 2);
}

/** How much wider than independent normal errors say the interval of an improvement is, by the same measurement. */
const wideningMeasured = 1;

/** The interval that holds an improvement with probability 0.9, percentage points. */
export function improvementInterval(improvement: number, deviation: number) {
  const level = 0.9;
  const half = normalQuantile((1 + level) / 2) * wideningMeasured * deviation;
  return { level, lower: improvement - half, upper: improvement + half };
}
