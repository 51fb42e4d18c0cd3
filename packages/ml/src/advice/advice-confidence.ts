import { normalQuantile } from "../normal.ts";
import type { AdviceRequest } from "./advice-types.ts";

/** What the confidence of a suggestion means. */
export const adviceConfidenceDefinition =
  "Probability that the suggested move earns more than staying, net of costs, as measured on suggestions that were followed in a walk-forward over past data";

/** Less confident moves are not suggested. */
export const moveConfidenceMin = 0.8;

/**
 * Which part of the gain that the forecasts promise is counted on, when it is held for so long. The best of many forecasts are too high more
 * often than too low, and a lead shrinks: in the walk-forward on the lending reserves, 84 % of the gain of large portfolios came true
 * within 7 days and 62 % within 30, on the pools 93 % within 7. In between by the day; nothing was measured beyond 30 days.
 */
export function gainKept(holdingPeriodDays: number): number {
  const [week, month] = [0.85, 0.6];
  const passed = Math.min(1, Math.max(0, (holdingPeriodDays - 7) / (30 - 7)));
  return week + passed * (month - week);
}

/** How often moves of a raw confidence came out ahead of holding in the walk-forward. */
interface MeasuredBin {
  /** Raw confidence from here on. */
  readonly from: number;
  readonly beat: number;
  readonly n: number;
}

/**
 * `pnpm evaluate --advice` on 128 lending reserves (`--every 3`) and 486 DEX pools, 7 days ahead, all holders and tolerances together; bins
 * that were out of order are pooled. Errors have heavier tails than a normal has.
 */
const measured: readonly MeasuredBin[] = [
  { from: 0, beat: 0, n: 355 },
  { from: 0.4, beat: 3, n: 22 },
  { from: 0.6, beat: 31, n: 40 },
  { from: 0.7, beat: 208, n: 226 },
  { from: 0.95, beat: 367, n: 378 },
];

/** Suggestions of one day come true together, so that so many weeks without overlap are what all of them are worth. */
const independentWeeks = 24;

/**
 * The measured probability for a raw one: of its bin's share of n outcomes, `(share · n + 1) / (n + 2)` (Laplace's rule of succession),
 * with the number of weeks for n where that is less. So it is never nearer to certainty than what was observed allows.
 */
export function adviceConfidence(raw: number): number {
  const { beat, n } = measured.findLast(({ from }) => raw >= from) ?? { beat: 0, n: 0 };
  if (n === 0) return 0.5;
  const worth = Math.min(n, independentWeeks);
  return ((beat / n) * worth + 1) / (worth + 2);
}

/**
 * How much wider than independent normal errors say the interval of an improvement is: by the same measurement 1.31 times on the lending
 * reserves and 0.80 times on the pools hold 90 %, around the gain that the forecasts promise; the wider one is taken.
 */
const intervalWidening = 1.3;

/**
 * The interval that holds an improvement with probability 0.9, percentage points: from below what is counted on to above what the forecasts
 * promise. Of stated APYs it is as wide as their intervals say.
 */
export function improvementInterval(
  apys: AdviceRequest["apys"],
  {
    counted,
    promised,
    deviation,
  }: { readonly counted: number; readonly promised: number; readonly deviation: number },
) {
  const level = 0.9;
  const widening = apys === "stated" ? 1 : intervalWidening;
  const half = normalQuantile((1 + level) / 2) * widening * deviation;
  return { level, lower: Math.min(counted, promised) - half, upper: Math.max(counted, promised) + half };
}
