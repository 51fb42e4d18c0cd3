import type { AdviceEvaluation } from "@obsqra/ml";
import { toPercent } from "./format-figures.ts";
import { plainTable } from "./format-table.ts";
import { isoDay } from "./iso-day.ts";

/** What following suggestions has come to: one object for programs. Improvements in percentage points of APY, shares 0 to 1. */
export function toAdviceJson({ file, report }: AdviceResult) {
  const { advice, totals, first_day, last_day, ...others } = report;
  return {
    advice: advice.map((each) => ({ file, ...each })),
    totals: totals.map((each) => ({ file, ...each })),
    ...others,
    first_day: isoDay(first_day),
    last_day: isoDay(last_day),
  };
}

/** The same as tables. */
export function formatAdvice({ file, report }: AdviceResult): string {
  const { horizon, held, first_day, last_day, days, advice, totals, reliability, gain_kept } = report;
  const points = (value: number | null) => (value === null ? "-" : value.toFixed(2));
  const results = plainTable({
    columns: [
      "tolerance",
      "holder",
      "n",
      "moves",
      "forced",
      "promised",
      "realised",
      "beat hold",
      "worst",
      "in 90 %",
      "turnover",
      "equal",
      "highest",
      "oracle",
    ],
    rows: [...advice, ...totals].map((each) => [
      each.tolerance,
      each.holder,
      String(each.n),
      String(each.moves),
      String(each.forced),
      points(each.promised_pp),
      points(each.realised_pp),
      toPercent(each.beat_hold),
      points(each.worst_pp),
      toPercent(each.coverage_90),
      each.turnover_percent === null ? "-" : `${each.turnover_percent.toFixed(1)} %`,
      points(each.baselines.equal_weights),
      points(each.baselines.highest_current_apy),
      points(each.baselines.oracle),
    ]),
  });
  const confidence = plainTable({
    columns: ["confidence", "n", "stated", "beat hold"],
    rows: reliability.map(({ from, to, n, stated, observed }) => [
      `${from.toFixed(1)} to ${to.toFixed(1)}`,
      String(n),
      toPercent(stated),
      toPercent(observed),
    ]),
  });
  return [
    `Suggestions on ${file}, followed for ${held} days${held === horizon ? "" : ` by forecasts for ${horizon}`}: ${days} days from ${isoDay(first_day)} to ${isoDay(last_day)}.`,
    "Improvements over holding, in percentage points of APY net of all costs; the means are of moves that nothing forced.",
    "",
    results,
    "",
    `Of the gain before costs that the forecasts promised of these moves, ${toPercent(gain_kept)} came true.`,
    "",
    "Confidence, of all such moves, also of those that were not advised:",
    "",
    confidence,
  ].join("\n");
}

interface AdviceResult {
  readonly file: string;
  readonly report: AdviceEvaluation;
}
