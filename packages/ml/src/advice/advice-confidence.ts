import { normalQuantile } from "../normal.ts";
import type { AdviceRequest } from "./advice-types.ts";

/** What the confidence of a suggestion means. */
export const adviceConfidenceDefinition =
  "Probability that the suggested move earns more than staying, net of costs, as measured on suggestions that were followed in a walk-forward over past data";

/** Less confident moves are not suggested. */
export const moveConfidenceMin = 0.8;

/** Between these the measurements of a week and of a month are taken in proportion. */
const [weekDays, monthDays] = [7, 30];

/** How far a holding period is from a week to a month, 0 to 1; beyond a month it is one. */
function passedOf(holdingPeriodDays: number): number {
  return Math.min(1, Math.max(0, (holdingPeriodDays - weekDays) / (monthDays - weekDays)));
}

/**
 * Which part of the gain that the forecasts promise is counted on, when it is held for so long. The best of many forecasts are too high more
 * often than too low, and a lead shrinks. What came true before costs (`pnpm evaluate --advice`, "Of the gain before costs"):
 *
 * | forecast, followed   | lending reserves | DEX pools     |
 * | -------------------- | ---------------: | ------------: |
 * | 7 days, for 7        |             93 % | 98 to 103 %   |
 * | 7 days, for 30       |             64 % |               |
 * | 7 days, for 60       |             60 % |               |
 * | 7 days, for 90       |                  |          75 % |
 * | 30 days, for 30      |             67 % | 78 to 99 %    |
 *
 * The lower ones count, with a margin for a week. In between by the day; a second and a third month take no more away.
 */
export function gainKept(holdingPeriodDays: number): number {
  const [week, month] = [0.85, 0.6];
  return week + passedOf(holdingPeriodDays) * (month - week);
}

/** How often moves of a raw confidence came out ahead of holding in the walk-forward. */
interface MeasuredBin {
  /** Raw confidence from here on. */
  readonly from: number;
  readonly beat: number;
  readonly n: number;
}

interface Measurement {
  readonly bins: readonly MeasuredBin[];
  /** Suggestions of one day come true together, so that so many windows without overlap are what all of them are worth. */
  readonly windows: number;
}

/**
 * `pnpm evaluate --advice`, all holders and tolerances together: 7 days ahead on 128 lending reserves (`--every 3`) and on 486 DEX pools until
 * their end and until 2025-05-31; bins that were out of order are pooled.
 */
const measuredWeek: Measurement = {
  bins: [
    { from: 0, beat: 0, n: 363 },
    { from: 0.4, beat: 4, n: 22 },
    { from: 0.55, beat: 26, n: 38 },
    { from: 0.7, beat: 229, n: 247 },
    { from: 0.95, beat: 658, n: 674 },
  ],
  windows: 38,
};

/** The same over 30 days, of forecasts for 7 and for 30, and on the pools until 2024-11-30 and 2025-02-28, too. */
const measuredMonth: Measurement = {
  bins: [
    { from: 0, beat: 0, n: 205 },
    { from: 0.3, beat: 7, n: 36 },
    { from: 0.4, beat: 26, n: 53 },
    { from: 0.55, beat: 110, n: 133 },
    { from: 0.7, beat: 1_486, n: 1_543 },
  ],
  windows: 19,
};

/**
 * The measured probability for a raw one: of its bin's share of n outcomes, `(share · n + 1) / (n + 2)` (Laplace's rule of succession),
 * with the number of windows for n where that is less. So it is never nearer to certainty than what was observed allows. Normal errors
 * alone would be surer: those of forecasts have heavier tails.
 */
export function adviceConfidence(raw: number, holdingPeriodDays: number): number {
  const [week, month] = [measuredWeek, measuredMonth].map((measured) => shareAhead(raw, measured));
  const passed = passedOf(holdingPeriodDays);
  return (1 - passed) * (week ?? 0) + passed * (month ?? 0);
}

function shareAhead(raw: number, { bins, windows }: Measurement): number {
  const { beat, n } = bins.findLast(({ from }) => raw >= from) ?? { beat: 0, n: 0 };
  if (n === 0) return 0.5;
  const worth = Math.min(n, windows);
  return ((beat / n) * worth + 1) / (worth + 2);
}

/**
 * How much wider than independent normal errors say the interval of an improvement is: by the same measurement 1.31 times on the lending
 * reserves and 0.80 times on the pools hold 90 % for a week, around the gain that the forecasts promise; the wider one is taken. It holds for
 * a month, too. What is held for three months by forecasts for a week has 76 % in that interval on the pools, and 90 % in one that is 1.6
 * times as wide.
 */
function intervalWidening(holdingPeriodDays: number): number {
  const [short, long] = [1.3, 2.1];
  const passed = Math.min(1, Math.max(0, (holdingPeriodDays - monthDays) / (90 - monthDays)));
  return short + passed * (long - short);
}

/**
 * The interval that holds an improvement with probability 0.9, percentage points: from below what is counted on to above what the forecasts
 * promise. Of stated APYs it is as wide as their intervals say.
 */
export function improvementInterval(
  { apys, holding_period_days }: Pick<AdviceRequest, "apys" | "holding_period_days">,
  {
    counted,
    promised,
    deviation,
  }: { readonly counted: number; readonly promised: number; readonly deviation: number },
) {
  const level = 0.9;
  const widening = apys === "stated" ? 1 : intervalWidening(holding_period_days);
  const half = normalQuantile((1 + level) / 2) * widening * deviation;
  return { level, lower: Math.min(counted, promised) - half, upper: Math.max(counted, promised) + half };
}
